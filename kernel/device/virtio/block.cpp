#include "device/virtio/block.hpp"

#include "memory/frame.hpp"

#include <arch/page_table.hpp>
#include <new>

namespace device::virtio {

namespace {

// Feature bits (5.2.3).
constexpr std::uint64_t feature_read_only = std::uint64_t{1} << 5;
constexpr std::uint64_t feature_flush = std::uint64_t{1} << 9;

constexpr std::uint8_t status_ok = 0;
constexpr std::uint8_t status_unknown = 0xff; // what no device answers: it has not written yet

char next_letter = 'a';

} // namespace

Block::~Block() {
    if (wires_.value)
        memory::free_frame(wires_);
}

Block::Wire& Block::wire(std::uint16_t slot) const {
    return *arch::phys_to_virt<Wire>(wire_address(slot));
}

Result<> Block::start() {
    static_assert(max_requests * sizeof(Wire) <= page_size);
    const std::uint64_t features = TRY(negotiate(transport_, feature_version_1 | feature_read_only | feature_flush));
    read_only_ = features & feature_read_only;
    can_flush_ = features & feature_flush;
    sectors_ = transport_.read_config32(0) | std::uint64_t{transport_.read_config32(4)} << 32;
    wires_ = TRY(memory::allocate_zeroed_frame());
    TRY(transport_.start_interrupts(handle_interrupt, this));
    SpinlockGuard guard(lock_);
    TRY(queue_.create(transport_.max_queue_size(0)));
    if (queue_.size() < parts)
        return fail(Error::not_supported);
    TRY(transport_.start_queue(0, queue_));
    while (free_count_ < max_requests && (free_count_ + 1) * parts <= queue_.size()) {
        free_[free_count_] = free_count_;
        ++free_count_;
    }
    finish(transport_);
    return {};
}

Result<> Block::check(std::span<const BlockTransfer> pieces) const {
    for (const BlockTransfer& piece : pieces) {
        const std::uint64_t count = piece.bytes / sector_bytes;
        if (count == 0 || piece.bytes % sector_bytes != 0 || piece.sector > sectors_ || count > sectors_ - piece.sector)
            return fail(Error::out_of_range);
    }
    return {};
}

/// A slot is free.
void Block::submit(Batch& batch, Operation operation, const BlockTransfer& piece) {
    const std::uint16_t slot = free_[--free_count_];
    batches_[slot] = &batch;
    Wire& mine = wire(slot);
    mine.header = {operation, 0, piece.sector};
    mine.status = status_unknown;
    const Buffer header{wire_address(slot), sizeof(Header), false};
    const Buffer data{piece.memory, piece.bytes, operation == Operation::read};
    const Buffer status{wire_address(slot) + offsetof(Wire, status), 1, true};
    const std::array whole{header, data, status};
    const std::array without_data{header, status};
    // There are as many slots as requests fit into the queue.
    (void)queue_.add(piece.bytes ? std::span<const Buffer>(whole) : std::span<const Buffer>(without_data), slot);
    ++batch.pending;
}

void Block::notify() {
    if (queue_.publish())
        transport_.notify(0);
}

Result<> Block::run(Operation operation, std::span<const BlockTransfer> pieces) {
    Batch batch;
    SpinlockGuard guard(lock_);
    for (const BlockTransfer& piece : pieces) {
        while (free_count_ == 0) {
            notify();
            take_completions();
            if (free_count_ == 0)
                room_.wait_uninterruptible(lock_);
        }
        submit(batch, operation, piece);
    }
    notify();
    take_completions(); // a fast device has ended already
    while (batch.pending)
        batch.ended.wait_uninterruptible(lock_);
    return batch.failed ? Result<>(fail(Error::io)) : Result<>{};
}

void Block::take_completions() {
    bool any = false;
    while (const auto done = queue_.take()) {
        Batch& batch = *batches_[done->token];
        batches_[done->token] = nullptr;
        batch.failed |= wire(done->token).status != status_ok;
        free_[free_count_++] = done->token;
        any = true;
        // The batch is gone as soon as its owner has the lock and sees that nothing is pending.
        if (--batch.pending == 0)
            batch.ended.wake_one();
    }
    if (any)
        room_.wake_all();
}

void Block::handle_interrupt(void* self) {
    auto& block = *static_cast<Block*>(self);
    SpinlockGuard guard(block.lock_);
    block.take_completions();
}

Result<> Block::read(std::span<const BlockTransfer> pieces) {
    TRY(check(pieces));
    return run(Operation::read, pieces);
}

Result<> Block::write(std::span<const BlockTransfer> pieces) {
    if (read_only_)
        return fail(Error::read_only);
    TRY(check(pieces));
    return run(Operation::write, pieces);
}

Result<> Block::flush() {
    if (!can_flush_)
        return {}; // a device without a cache of its own
    const BlockTransfer nothing{};
    return run(Operation::flush, {&nothing, 1});
}

Result<> start_block(Transport& transport) {
    if (next_letter > 'z')
        return fail(Error::not_supported);
    auto* block = new (std::nothrow) Block(transport, next_letter);
    if (!block)
        return fail(Error::no_memory);
    // The queue that a device may know of stays; the caller tells the device to stop.
    TRY(block->start());
    ++next_letter;
    add_block_device(*block);
    return {};
}

} // namespace device::virtio
