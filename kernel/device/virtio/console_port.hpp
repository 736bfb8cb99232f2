#pragma once
// One port of a virtio console: buffers on their way in and out.

#include "device/stream_port.hpp"
#include "device/virtio/virtqueue.hpp"
#include "lib/spinlock.hpp"

namespace device::virtio {

/// What a port needs of its device.
class PortOwner {
public:
    virtual Spinlock& lock() = 0;
    virtual void notify(std::uint16_t queue) = 0;
    /// With the lock held.
    virtual void tell_open(std::uint32_t port, bool open) = 0;

protected:
    ~PortOwner() = default;
};

class Port final : public StreamPort {
public:
    Port(PortOwner& owner, std::uint32_t id) : owner_(owner), id_(id) {}

    // StreamPort
    std::string_view name() const override { return {name_, name_length_}; }
    void open(bool reads, bool writes) override;
    void set_listener(Listener* listener) override;
    std::span<const std::byte> received() override;
    void consume(std::size_t bytes) override;
    bool is_connected() override;
    std::size_t send(std::span<const std::byte> bytes) override;
    bool can_send() override;
    bool is_drained() override;

    // For the device, with its lock held.
    std::uint16_t receive_index() const { return static_cast<std::uint16_t>(id_ == 0 ? 0 : 2 + 2 * id_); }
    std::uint16_t send_index() const { return static_cast<std::uint16_t>(receive_index() + 1); }
    Virtqueue& receive_queue() { return receive_; }
    Virtqueue& send_queue() { return send_; }
    void set_added() { added_ = true; }
    bool is_added() const { return added_; }
    void set_name(std::string_view name);
    void set_connected(bool connected);
    /// True when a listener is to be told.
    bool take_completions();
    /// Without the lock.
    void tell_listener();

private:
    static constexpr std::uint16_t receive_buffers = 8; // of a page each
    static constexpr std::uint16_t send_buffers = 8;

    void offer(std::uint16_t index);
    void reap_received();
    void reap_sent();

    PortOwner& owner_;
    const std::uint32_t id_;
    char name_[64] = {};
    std::size_t name_length_ = 0;

    // All below is guarded by the owner's lock.
    Listener* listener_ = nullptr;
    Virtqueue receive_;
    Virtqueue send_;
    PhysAddr receive_pages_[receive_buffers] = {};
    PhysAddr send_pages_[send_buffers] = {};
    bool reading_ = false;
    bool writing_ = false;
    bool added_ = false;
    bool connected_ = false;
    bool changed_ = false;

    // Filled buffers in the order in which they came.
    std::uint16_t filled_[receive_buffers] = {};
    std::uint32_t filled_bytes_[receive_buffers] = {};
    std::uint32_t first_filled_ = 0;
    std::uint32_t end_filled_ = 0;
    std::size_t consumed_ = 0; // of the first

    std::uint16_t free_send_[send_buffers] = {};
    std::uint16_t free_send_count_ = 0;
    std::uint16_t send_count_ = 0; // buffers there are
};

} // namespace device::virtio
