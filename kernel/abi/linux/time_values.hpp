#pragma once
// Linux's time structures and the nanoseconds of the shared services.

#include "lib/result.hpp"
#include "memory/user_ptr.hpp"
#include "thread/timer.hpp"

#include <linux/time_types.h>

namespace abi::linux {

inline constexpr thread::Time nanoseconds_per_second = 1'000'000'000;

constexpr __kernel_timespec to_timespec(thread::Time time) {
    return {
        .tv_sec = static_cast<__kernel_time64_t>(time / nanoseconds_per_second),
        .tv_nsec = static_cast<long long>(time % nanoseconds_per_second)};
}
constexpr __kernel_old_timeval to_timeval(thread::Time time) {
    return {
        .tv_sec = static_cast<__kernel_long_t>(time / nanoseconds_per_second),
        .tv_usec = static_cast<__kernel_long_t>(time % nanoseconds_per_second / 1000)};
}

/// Longer times are cut to what the clock can hold. Errors: invalid_argument (negative, or a second or more of
/// nanoseconds).
constexpr Result<thread::Time> to_time(const __kernel_timespec& value) {
    constexpr auto max_seconds = static_cast<__kernel_time64_t>((thread::never - 1) / nanoseconds_per_second - 1);
    if (value.tv_sec < 0 || value.tv_nsec < 0 || value.tv_nsec >= static_cast<long long>(nanoseconds_per_second))
        return fail(Error::invalid_argument);
    const auto seconds = static_cast<thread::Time>(value.tv_sec < max_seconds ? value.tv_sec : max_seconds);
    return seconds * nanoseconds_per_second + static_cast<thread::Time>(value.tv_nsec);
}
constexpr Result<thread::Time> to_time(const __kernel_old_timeval& value) {
    if (value.tv_usec < 0 || value.tv_usec >= 1'000'000)
        return fail(Error::invalid_argument);
    return to_time(__kernel_timespec{.tv_sec = value.tv_sec, .tv_nsec = value.tv_usec * 1000});
}

/// `from` plus `span`, or never when that is beyond the clock.
constexpr thread::Time after(thread::Time from, thread::Time span) {
    return span >= thread::never - from ? thread::never : from + span;
}

/// A relative time-out in user memory as a deadline of the monotonic clock; a null pointer: never. Errors: bad_address,
/// invalid_argument.
Result<thread::Time> read_timeout(memory::UserPtr<const __kernel_timespec> timeout);

} // namespace abi::linux
