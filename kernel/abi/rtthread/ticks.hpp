#pragma once
// RT-Thread's time: ticks of a millisecond since boot (RT_TICK_PER_SECOND 1000, as the vendor's SDK is built).

#include "thread/timer.hpp"

#include <cstdint>

namespace abi::rtthread {

inline constexpr thread::Time tick = 1'000'000; // ns
inline constexpr std::uint32_t ticks_per_second = 1000;

/// rt_tick_get(): 32 bits, wraps.
inline std::uint32_t current_tick() {
    return static_cast<std::uint32_t>(thread::now() / tick);
}

/// The moment at which the tick counter has advanced by `ticks`.
inline thread::Time deadline_in(std::uint32_t ticks) {
    return (thread::now() / tick + ticks) * tick;
}

/// A time-out argument as most calls take it: negative waits for ever. Not for 0, which does not wait.
inline thread::Time deadline_of(std::int32_t timeout) {
    return timeout < 0 ? thread::never : deadline_in(static_cast<std::uint32_t>(timeout));
}

} // namespace abi::rtthread
