#include "file/transfer.hpp"

#include "memory/user_ptr.hpp"

#include <cstring>

namespace file {

Transfer::Transfer(std::span<const Segment> segments)
    : single_{}, segments_(segments.data()), remaining_(0), user_(true) {
    for (const Segment& segment : segments)
        remaining_ += segment.bytes;
}

Segment Transfer::current(std::size_t wanted) {
    while (segments_->bytes == done_in_segment_) {
        ++segments_;
        done_in_segment_ = 0;
    }
    std::size_t rest = segments_->bytes - done_in_segment_;
    return {segments_->address + done_in_segment_, wanted < rest ? wanted : rest};
}

void Transfer::advance(std::size_t bytes) {
    done_in_segment_ += bytes;
    remaining_ -= bytes;
}

std::size_t Sink::put(const void* from, std::size_t bytes) {
    const auto* source = static_cast<const std::byte*>(from);
    bytes = bytes < remaining() ? bytes : remaining();
    std::size_t done = 0;
    while (done < bytes && !faulted()) {
        Segment to = current(bytes - done);
        std::size_t missed = 0;
        if (!is_user())
            std::memcpy(reinterpret_cast<void*>(to.address), source + done, to.bytes);
        else if (!memory::is_user_range(to.address, to.bytes)) [[unlikely]]
            missed = to.bytes;
        else
            missed = arch::copy_to_user(to.address, source + done, to.bytes);
        if (missed) [[unlikely]]
            set_faulted();
        advance(to.bytes - missed);
        done += to.bytes - missed;
    }
    return done;
}

std::size_t Sink::put_zeros(std::size_t bytes) {
    bytes = bytes < remaining() ? bytes : remaining();
    std::size_t done = 0;
    while (done < bytes && !faulted()) {
        Segment to = current(bytes - done);
        std::size_t missed = 0;
        if (!is_user())
            std::memset(reinterpret_cast<void*>(to.address), 0, to.bytes);
        else if (!memory::is_user_range(to.address, to.bytes)) [[unlikely]]
            missed = to.bytes;
        else
            missed = arch::clear_user(to.address, to.bytes);
        if (missed) [[unlikely]]
            set_faulted();
        advance(to.bytes - missed);
        done += to.bytes - missed;
    }
    return done;
}

std::size_t Source::take(void* to, std::size_t bytes) {
    auto* target = static_cast<std::byte*>(to);
    bytes = bytes < remaining() ? bytes : remaining();
    std::size_t done = 0;
    while (done < bytes && !faulted()) {
        Segment from = current(bytes - done);
        std::size_t missed = 0;
        if (!is_user())
            std::memcpy(target + done, reinterpret_cast<const void*>(from.address), from.bytes);
        else if (!memory::is_user_range(from.address, from.bytes)) [[unlikely]]
            missed = from.bytes;
        else
            missed = arch::copy_from_user(target + done, from.address, from.bytes);
        if (missed) [[unlikely]]
            set_faulted();
        advance(from.bytes - missed);
        done += from.bytes - missed;
    }
    return done;
}

void Source::skip(std::size_t bytes) {
    bytes = bytes < remaining() ? bytes : remaining();
    while (bytes) {
        Segment from = current(bytes);
        advance(from.bytes);
        bytes -= from.bytes;
    }
}

} // namespace file
