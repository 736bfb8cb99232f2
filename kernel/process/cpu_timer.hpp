#pragma once
// Interval timers of processor time (setitimer(2): ITIMER_VIRTUAL, ITIMER_PROF). They are looked at in the timer
// interrupt, so they are as exact as its ticks.

#include "process/process.hpp"

namespace process {

/// True when run_cpu_timers() has something to do. Any context.
inline bool has_cpu_timers(const Process& process) {
    return process.virtual_timer.expiry.load(std::memory_order_relaxed) != 0
           || process.profile_timer.expiry.load(std::memory_order_relaxed) != 0;
}
/// Sends the signals of timers that are due. For the timer interrupt, of the process whose thread it interrupted.
void run_cpu_timers(Process& process) EXCLUDES(tree_lock);

enum class CpuClock : std::uint8_t { user, user_and_system };
/// Both in the terms of IntervalTimer; set returns the former setting.
IntervalTimer::Setting get_cpu_timer(Process& process, CpuClock clock) EXCLUDES(tree_lock);
IntervalTimer::Setting set_cpu_timer(Process& process, CpuClock clock, IntervalTimer::Setting setting)
    EXCLUDES(tree_lock);
/// For the end of the process.
void stop_cpu_timers(Process& process) EXCLUDES(tree_lock);

} // namespace process
