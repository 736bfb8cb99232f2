#include "memory/buddy.hpp"

#include "lib/log.hpp"

#include <bit>

namespace memory {

namespace {

Frame& record(std::uint32_t index) {
    return detail::frame_table.frames[index];
}

constexpr std::uint32_t frames_in(unsigned order) {
    return std::uint32_t{1} << order;
}

} // namespace

void Buddy::reset() {
    heads_.fill(none);
    not_empty_ = 0;
    free_frames_ = 0;
}

void Buddy::push(std::uint32_t block, unsigned order) {
    Frame& frame = record(block);
    frame.state = FrameState::free;
    frame.order = static_cast<std::uint8_t>(order);
    frame.previous = none;
    frame.next = heads_[order];
    if (frame.next != none)
        record(frame.next).previous = block;
    heads_[order] = block;
    not_empty_ |= 1u << order;
}

void Buddy::remove(std::uint32_t block, unsigned order) {
    const Frame& frame = record(block);
    if (frame.next != none)
        record(frame.next).previous = frame.previous;
    if (frame.previous != none)
        record(frame.previous).next = frame.next;
    else
        heads_[order] = frame.next;
    if (heads_[order] == none)
        not_empty_ &= ~(1u << order);
}

void Buddy::add_range(std::uint32_t first, std::uint32_t last) {
    while (first < last) {
        unsigned order = first == 0 ? max_order : static_cast<unsigned>(std::countr_zero(first));
        const auto fitting = static_cast<unsigned>(std::bit_width(last - first)) - 1;
        if (order > fitting)
            order = fitting;
        if (order > max_order)
            order = max_order;
        push(first, order);
        free_frames_ += frames_in(order);
        first += frames_in(order);
    }
}

std::uint32_t Buddy::allocate(unsigned order) {
    const std::uint32_t large_enough = order > max_order ? 0 : not_empty_ >> order;
    if (large_enough == 0) [[unlikely]]
        return none;
    unsigned found = order + static_cast<unsigned>(std::countr_zero(large_enough));
    const std::uint32_t block = heads_[found];
    remove(block, found);
    while (found > order) {
        --found;
        push(block + frames_in(found), found);
    }
    Frame& frame = record(block);
    frame.state = FrameState::allocated;
    frame.order = static_cast<std::uint8_t>(order);
    frame.size_class = 0;
    frame.code_synchronised = false;
    frame.references.store(1, std::memory_order_relaxed);
    free_frames_ -= frames_in(order);
    return block;
}

void Buddy::free(std::uint32_t block, unsigned order) {
    INVARIANT(record(block).state == FrameState::allocated && record(block).order == order);
    free_frames_ += frames_in(order);
    for (; order < max_order; ++order) {
        const std::uint32_t buddy = block ^ frames_in(order);
        if (buddy >= detail::frame_table.count)
            break;
        const Frame& other = record(buddy);
        if (other.state != FrameState::free || other.order != order)
            break;
        remove(buddy, order);
        block &= ~frames_in(order);
    }
    push(block, order);
}

} // namespace memory
