#pragma once
// Readiness as poll() and epoll number it; the bits are the same in both.

#include "file/poll.hpp"

#include <asm/poll.h>

namespace abi::linux {

constexpr std::uint32_t to_poll_bits(std::uint32_t events) {
    return (events & file::event_readable ? POLLIN | POLLRDNORM : 0u)
           | (events & file::event_writable ? POLLOUT | POLLWRNORM : 0u) | (events & file::event_error ? POLLERR : 0u)
           | (events & file::event_hang_up ? POLLHUP : 0u) | (events & file::event_read_hang_up ? POLLRDHUP : 0u)
           | (events & file::event_urgent ? POLLPRI : 0u);
}

/// What a program asks for.
constexpr std::uint32_t from_poll_bits(std::uint32_t bits) {
    return (bits & (POLLIN | POLLRDNORM) ? file::event_readable : 0u)
           | (bits & (POLLOUT | POLLWRNORM) ? file::event_writable : 0u)
           | (bits & POLLRDHUP ? file::event_read_hang_up : 0u) | (bits & POLLPRI ? file::event_urgent : 0u);
}

} // namespace abi::linux
