// The per-CPU timer interrupt: due timers, time accounting, the end of a time slice.

#include "thread/cpu.hpp"
#include "thread/scheduler.hpp"
#include "thread/share.hpp"
#include "thread/switch.hpp"

#include <algorithm>

namespace thread {
namespace {

/// ns between the end of one alarm and the next: timers with tiny intervals leave time for what they interrupt.
constexpr Time alarm_gap = 20'000;

/// Charges one tick to what was interrupted and ends its slice when that is used up.
void tick(Cpu& cpu, bool from_user) {
    Thread& thread = *cpu.current;
    (from_user ? thread.user_time : thread.system_time) += tick_length;
    (from_user ? cpu.user_time : cpu.system_time) += tick_length;
    if (thread.stackless)
        charge_stackless(cpu);
    thread.slice_left -= std::min(thread.slice_left, tick_length);
    // Who was made ready from another CPU while this one was just leaving a better thread.
    if (cpu.run_queue.has_better_than(thread.priority)) [[unlikely]]
        thread.work.fetch_or(work_reschedule, std::memory_order_relaxed);
    if (thread.slice_left != 0)
        return;
    if (cpu.run_queue.has_threads())
        thread.work.fetch_or(work_reschedule, std::memory_order_relaxed);
    else
        thread.slice_left = thread.slice_length;
}

} // namespace

void handle_alarm(Cpu& cpu, bool from_user) {
    cpu.alarm = never;
    const Time next_timer = cpu.timers.run();
    if (cpu.next_tick != never && cpu.next_tick <= now()) {
        tick(cpu, from_user);
        cpu.next_tick = now() + tick_length;
    }
    set_alarm(cpu, std::max(std::min(next_timer, cpu.next_tick), now() + alarm_gap));
}

void start_tick(Cpu& cpu) {
    cpu.next_tick = now() + tick_length;
    bring_alarm_forward(cpu, cpu.next_tick);
}

} // namespace thread
