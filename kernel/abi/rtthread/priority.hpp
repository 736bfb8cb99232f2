#pragma once
// RT-Thread's priorities, 0 the highest, in the scheduler's, 255 the highest.

#include "thread/run_queue.hpp"

#include <cstdint>

namespace abi::rtthread {

using Priority = std::uint8_t;

inline constexpr unsigned priority_count = 256; // RT_THREAD_PRIORITY_MAX of the vendor's SDK
/// Of a program's first thread. Time-sharing programs of other kernels stand at 127 in these terms.
inline constexpr Priority main_priority = 25;
inline constexpr std::uint32_t main_slice = 200; // ticks

constexpr thread::Priority to_scheduler(Priority priority) {
    return static_cast<thread::Priority>(priority_count - 1 - priority);
}
constexpr Priority from_scheduler(thread::Priority priority) {
    return static_cast<Priority>(priority_count - 1 - priority);
}

} // namespace abi::rtthread
