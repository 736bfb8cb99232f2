#include "process/cpu_timer.hpp"

#include "process/notify.hpp"

namespace process {
namespace {

using Setting = IntervalTimer::Setting;

CpuTimer& timer_of(Process& process, CpuClock clock) {
    return clock == CpuClock::user ? process.virtual_timer : process.profile_timer;
}

thread::Time time_on(const Usage& usage, CpuClock clock) {
    return clock == CpuClock::user ? usage.user : usage.user + usage.system;
}

Setting get_locked(const CpuTimer& timer, thread::Time now) REQUIRES(tree_lock) {
    const thread::Time expiry = timer.expiry.load(std::memory_order_relaxed);
    if (expiry == 0)
        return {};
    return {.left = expiry > now ? expiry - now : 1, .interval = timer.interval};
}

void run(Process& process, const Usage& usage, CpuClock clock, Signal signal) REQUIRES(tree_lock) {
    CpuTimer& timer = timer_of(process, clock);
    const thread::Time expiry = timer.expiry.load(std::memory_order_relaxed), now = time_on(usage, clock);
    if (expiry == 0 || now < expiry)
        return;
    thread::Time next = 0;
    if (timer.interval != 0)
        next = expiry + timer.interval * ((now - expiry) / timer.interval + 1);
    timer.expiry.store(next, std::memory_order_relaxed);
    send_locked(process, {.signal = signal});
}

} // namespace

void run_cpu_timers(Process& process) {
    SpinlockGuard guard(tree_lock);
    const Usage usage = usage_locked(process);
    run(process, usage, CpuClock::user, Signal::virtual_alarm);
    run(process, usage, CpuClock::user_and_system, Signal::profile);
}

Setting get_cpu_timer(Process& process, CpuClock clock) {
    SpinlockGuard guard(tree_lock);
    return get_locked(timer_of(process, clock), time_on(usage_locked(process), clock));
}

Setting set_cpu_timer(Process& process, CpuClock clock, Setting setting) {
    SpinlockGuard guard(tree_lock);
    CpuTimer& timer = timer_of(process, clock);
    const thread::Time now = time_on(usage_locked(process), clock);
    const Setting former = get_locked(timer, now);
    timer.interval = setting.interval;
    timer.expiry.store(setting.left == 0 ? 0 : now + setting.left, std::memory_order_relaxed);
    return former;
}

void stop_cpu_timers(Process& process) {
    SpinlockGuard guard(tree_lock);
    process.virtual_timer.expiry.store(0, std::memory_order_relaxed);
    process.profile_timer.expiry.store(0, std::memory_order_relaxed);
}

} // namespace process
