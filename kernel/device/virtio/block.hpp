#pragma once
// The virtio block device (Virtual I/O Device 1.2, 5.2): requests of three parts go into one queue and come back in any
// order, each with a status.

#include "device/block_device.hpp"
#include "device/virtio/transport.hpp"
#include "lib/spinlock.hpp"
#include "thread/wait_queue.hpp"

namespace device::virtio {

class Block final : public BlockDevice {
public:
    /// `letter`: of its name, "vda" for 'a'.
    Block(Transport& transport, char letter) : transport_(transport), name_{'v', 'd', letter} {}
    ~Block() override;

    /// Negotiates and starts the queue. Errors: not_supported, no_memory, invalid_argument (no queue).
    Result<> start();

    // BlockDevice
    std::string_view name() const override { return {name_, sizeof name_}; }
    std::uint64_t sectors() const override { return sectors_; }
    bool is_read_only() const override { return read_only_; }
    Result<> read(std::span<const BlockTransfer> pieces) override EXCLUDES(lock_);
    Result<> write(std::span<const BlockTransfer> pieces) override EXCLUDES(lock_);
    Result<> flush() override EXCLUDES(lock_);

private:
    enum class Operation : std::uint32_t { read = 0, write = 1, flush = 4 }; // 5.2.6

    /// What one call waits for; lies on its stack. Guarded by lock_.
    struct Batch {
        std::uint32_t pending = 0;
        bool failed = false;
        thread::WaitQueue ended;
    };
    struct Header {
        Operation operation;
        std::uint32_t reserved;
        std::uint64_t sector;
    };
    /// The device's own parts of a request, in one page for all.
    struct Wire {
        Header header;
        volatile std::uint8_t status;
    };
    static constexpr std::uint16_t max_requests = 32;
    static constexpr std::uint16_t parts = 3; // descriptors of a request: header, data, status

    static void handle_interrupt(void* self);
    Result<> run(Operation operation, std::span<const BlockTransfer> pieces) EXCLUDES(lock_);
    Result<> check(std::span<const BlockTransfer> pieces) const;
    void submit(Batch& batch, Operation operation, const BlockTransfer& piece) REQUIRES(lock_);
    void notify() REQUIRES(lock_);
    void take_completions() REQUIRES(lock_);
    PhysAddr wire_address(std::uint16_t slot) const { return wires_ + slot * sizeof(Wire); }
    Wire& wire(std::uint16_t slot) const;

    Transport& transport_;
    char name_[3];
    bool read_only_ = false;
    bool can_flush_ = false;
    std::uint64_t sectors_ = 0;
    PhysAddr wires_{};

    Spinlock lock_;
    Virtqueue queue_ GUARDED_BY(lock_);
    Batch* batches_[max_requests] GUARDED_BY(lock_) = {}; // by slot: whose request is in it
    std::uint16_t free_[max_requests] GUARDED_BY(lock_) = {};
    std::uint16_t free_count_ GUARDED_BY(lock_) = 0;
    thread::WaitQueue room_; // for those who found no free slot
};

/// Starts the device; it is a BlockDevice from then on. Errors: those of Block::start().
Result<> start_block(Transport& transport);

} // namespace device::virtio
