#include "abi/linux/calls/time.hpp"

#include "abi/linux/thread_state.hpp"
#include "abi/linux/time_values.hpp"
#include "process/lifecycle.hpp"
#include "process/table.hpp"
#include "thread/scheduler.hpp"
#include "thread/wait_queue.hpp"
#include "thread/wall_clock.hpp"

namespace abi::linux {
namespace {

using thread::Time;

/// Clock numbers of CPU-time clocks of other processes: ~pid << 3 | which (clock_getcpuclockid(3)).
constexpr std::int32_t cpu_clock_mask = 7;
constexpr std::int32_t cpu_clock_per_thread = 4;
constexpr std::int32_t cpu_clock_scheduled = 2;

Result<Time> process_time(process::Id id) {
    const Ref<process::Process> target =
        id == 0 ? Ref<process::Process>::share(&process::current()) : process::find_process(id);
    if (!target)
        return fail(Error::invalid_argument);
    const process::Usage usage = process::usage_of(*target);
    return usage.user + usage.system;
}

Result<Time> thread_time(process::Id id) {
    if (id == 0)
        return thread::current().user_time + thread::current().system_time;
    const Ref<thread::Thread> target = process::find_thread(id);
    if (!target || target->process != &process::current())
        return fail(Error::invalid_argument);
    return target->user_time + target->system_time;
}

Result<Time> read_cpu_clock(std::int32_t clock) {
    if ((clock & 3) > cpu_clock_scheduled)
        return fail(Error::invalid_argument);
    const process::Id id = ~(clock >> 3);
    return (clock & cpu_clock_mask & cpu_clock_per_thread) ? thread_time(id) : process_time(id);
}

Result<Time> read_clock(std::int32_t clock) {
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_REALTIME_ALARM:
    case CLOCK_TAI:
        return thread::wall_time();
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
    case CLOCK_BOOTTIME_ALARM:
        return thread::now();
    case CLOCK_PROCESS_CPUTIME_ID:
        return process_time(0);
    case CLOCK_THREAD_CPUTIME_ID:
        return thread_time(0);
    default:
        return clock < 0 ? read_cpu_clock(clock) : fail(Error::invalid_argument);
    }
}

bool is_coarse(std::int32_t clock) {
    return clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE;
}

/// Clocks that nanosleep may wait for; CPU-time clocks would need a timer per thread.
Result<> check_sleep_clock(std::int32_t clock) {
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_MONOTONIC:
    case CLOCK_BOOTTIME:
    case CLOCK_TAI:
    case CLOCK_REALTIME_ALARM:
    case CLOCK_BOOTTIME_ALARM:
        return {};
    case CLOCK_THREAD_CPUTIME_ID:
        return fail(Error::invalid_argument);
    default:
        TRY(read_clock(clock));
        return fail(Error::not_supported);
    }
}

bool follows_wall_clock(std::int32_t clock) {
    return clock == CLOCK_REALTIME || clock == CLOCK_TAI || clock == CLOCK_REALTIME_ALARM;
}

Result<> sleep_relative(Time span, UserPtr<Timespec> remaining) {
    thread::Thread& self = thread::current();
    const Time deadline = resume_deadline(self, span);
    const auto slept = thread::sleep_until(deadline);
    if (slept)
        return {};
    const Time now = thread::now();
    if (remaining)
        TRY(remaining.write(to_timespec(deadline > now ? deadline - now : 0)));
    return restart_at_deadline(self, deadline);
}

Result<> set_wall_clock(Result<Time> time) {
    TRY(time);
    if (!process::current().credentials_of().is_root())
        return fail(Error::not_permitted);
    thread::set_wall_time(*time);
    return {};
}

} // namespace

Result<Time> read_timeout(UserPtr<const Timespec> timeout) {
    if (!timeout)
        return thread::never;
    return after(thread::now(), TRY(to_time(TRY(timeout.read()))));
}

Result<> sys_clock_gettime(std::int32_t clock, UserPtr<Timespec> time) {
    return time.write(to_timespec(TRY(read_clock(clock))));
}

Result<> sys_clock_settime(std::int32_t clock, UserPtr<const Timespec> time) {
    if (clock != CLOCK_REALTIME)
        return fail(Error::invalid_argument);
    return set_wall_clock(to_time(TRY(time.read())));
}

Result<> sys_clock_getres(std::int32_t clock, UserPtr<Timespec> resolution) {
    TRY(read_clock(clock));
    if (!resolution)
        return {};
    return resolution.write(to_timespec(is_coarse(clock) ? thread::tick_length : 1));
}

Result<>
sys_clock_nanosleep(std::int32_t clock, Flags flags, UserPtr<const Timespec> request, UserPtr<Timespec> remaining) {
    TRY(check_sleep_clock(clock));
    const Time time = TRY(to_time(TRY(request.read())));
    if (!(flags.bits & TIMER_ABSTIME))
        return sleep_relative(time, remaining);
    // An interrupted absolute sleep may simply be made again.
    const Time start = follows_wall_clock(clock) ? thread::boot_time() : 0;
    return thread::sleep_until(time > start ? time - start : 0);
}

Result<> sys_nanosleep(UserPtr<const Timespec> request, UserPtr<Timespec> remaining) {
    return sleep_relative(TRY(to_time(TRY(request.read()))), remaining);
}

Result<> sys_gettimeofday(UserPtr<Timeval> time, UserPtr<struct timezone> zone) {
    if (time)
        TRY(time.write(to_timeval(thread::wall_time())));
    if (zone)
        TRY(zone.write({}));
    return {};
}

Result<> sys_settimeofday(UserPtr<const Timeval> time, UserPtr<const struct timezone> zone) {
    if (zone)
        TRY(zone.read()); // the kernel keeps no time zone
    return time ? set_wall_clock(to_time(TRY(time.read()))) : Result<>();
}

Result<std::int64_t> sys_time(UserPtr<std::int64_t> seconds) {
    const auto now = static_cast<std::int64_t>(thread::wall_time() / nanoseconds_per_second);
    if (seconds)
        TRY(seconds.write(now));
    return now;
}

} // namespace abi::linux
