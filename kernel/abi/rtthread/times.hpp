#pragma once
// Time structures (two words of 64 bits) and the services' nanoseconds.

#include "lib/result.hpp"
#include "memory/user_ptr.hpp"
#include "thread/timer.hpp"

#include <cstdint>

namespace abi::rtthread {

inline constexpr thread::Time nanoseconds_per_second = 1'000'000'000;

struct Timespec {
    std::int64_t seconds, nanoseconds;
};
struct Timeval {
    std::int64_t seconds, microseconds;
};
struct Itimerspec {
    Timespec interval, value;
};
struct Itimerval {
    Timeval interval, value;
};

constexpr Timespec to_timespec(thread::Time time) {
    return {
        static_cast<std::int64_t>(time / nanoseconds_per_second),
        static_cast<std::int64_t>(time % nanoseconds_per_second)};
}
constexpr Timeval to_timeval(thread::Time time) {
    return {
        static_cast<std::int64_t>(time / nanoseconds_per_second),
        static_cast<std::int64_t>(time % nanoseconds_per_second / 1000)};
}

/// Longer times are cut to what the clock can hold. Errors: invalid_argument (negative, or a second or more of the
/// fraction).
constexpr Result<thread::Time> to_time(const Timespec& value) {
    constexpr auto most = static_cast<std::int64_t>((thread::never - 1) / nanoseconds_per_second - 1);
    if (value.seconds < 0 || value.nanoseconds < 0
        || value.nanoseconds >= static_cast<std::int64_t>(nanoseconds_per_second))
        return fail(Error::invalid_argument);
    const auto seconds = static_cast<thread::Time>(value.seconds < most ? value.seconds : most);
    return seconds * nanoseconds_per_second + static_cast<thread::Time>(value.nanoseconds);
}
constexpr Result<thread::Time> to_time(const Timeval& value) {
    if (value.microseconds < 0 || value.microseconds >= 1'000'000)
        return fail(Error::invalid_argument);
    return to_time(Timespec{value.seconds, value.microseconds * 1000});
}

/// `from` plus `span`, or never when that is beyond the clock.
constexpr thread::Time after(thread::Time from, thread::Time span) {
    return span >= thread::never - from ? thread::never : from + span;
}

/// A date as a moment of the monotonic clock; one before the start is 0.
thread::Time date_to_deadline(thread::Time date);

/// clockid_t as musl numbers it.
enum Clock : std::int32_t {
    clock_realtime = 0,
    clock_monotonic = 1,
    clock_process = 2,
    clock_thread = 3,
    clock_monotonic_raw = 4,
    clock_realtime_coarse = 5,
    clock_monotonic_coarse = 6,
    clock_boot = 7,
};

} // namespace abi::rtthread
