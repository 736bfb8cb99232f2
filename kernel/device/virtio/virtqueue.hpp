#pragma once
// A split virtqueue (Virtual I/O Device 1.2, 2.7): buffers go to the device and come back in any order.

#include "device/interrupt_controller.hpp"
#include "lib/address.hpp"
#include "lib/result.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace device::virtio {

/// One piece of memory of a request.
struct Buffer {
    PhysAddr start;
    std::uint32_t bytes = 0;
    bool device_writes = false;
};

/// Has no lock: its driver holds one over every call.
class Virtqueue {
public:
    static constexpr std::uint16_t max_size = 128;

    Virtqueue() = default;
    Virtqueue(const Virtqueue&) = delete;
    Virtqueue& operator=(const Virtqueue&) = delete;
    ~Virtqueue();

    /// Memory for a queue of the largest power of two of descriptors that is at most `limit` and max_size. Errors:
    /// no_memory, invalid_argument (limit 0).
    Result<> create(std::uint16_t limit);
    std::uint16_t size() const { return size_; }
    explicit operator bool() const { return size_ != 0; }

    /// Where the three parts lie.
    PhysAddr descriptors() const { return memory_; }
    PhysAddr available() const;
    PhysAddr used() const;

    /// Offers a request, what the device reads before what it writes. `token` comes back with it. Errors: no_space.
    Result<> add(std::span<const Buffer> request, std::uint16_t token);
    /// After add()s: makes them visible; true when the device wants to be notified.
    bool publish();

    struct Completion {
        std::uint16_t token;
        std::uint32_t bytes; // written by the device
    };
    /// A request that the device has finished with. What a broken device claims is cut to what can be.
    std::optional<Completion> take();
    bool has_completion() const;
    std::uint16_t free_descriptors() const { return free_count_; }

    /// Whether completions should interrupt. A hint: interrupts may still come.
    void want_interrupts(bool on);

private:
    // The layout that the device sees; little endian, as all our machines are.
    struct Descriptor {
        std::uint64_t address;
        std::uint32_t bytes;
        std::uint16_t flags;
        std::uint16_t next;
    };
    struct Available {
        std::uint16_t flags;
        std::uint16_t index;
        std::uint16_t ring[max_size];
    };
    struct UsedElement {
        std::uint32_t id;
        std::uint32_t bytes;
    };
    struct Used {
        std::uint16_t flags;
        std::uint16_t index;
        UsedElement ring[max_size];
    };

    void release(std::uint16_t head);

    PhysAddr memory_{};
    volatile Descriptor* descriptors_ = nullptr;
    volatile Available* available_ = nullptr;
    volatile Used* used_ = nullptr;
    std::uint16_t size_ = 0;
    std::uint16_t free_head_ = 0;
    std::uint16_t free_count_ = 0;
    std::uint16_t next_available_ = 0;
    std::uint16_t seen_used_ = 0;
    // Our own copy of what the device must not change under us.
    std::uint16_t next_[max_size] = {};
    std::uint16_t tokens_[max_size] = {};
    std::uint32_t writable_[max_size] = {}; // bytes that the device may write, by head
};

} // namespace device::virtio
