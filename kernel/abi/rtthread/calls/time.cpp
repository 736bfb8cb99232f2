#include "abi/rtthread/calls/time.hpp"

#include "abi/rtthread/thread_state.hpp"
#include "process/lifecycle.hpp"
#include "process/table.hpp"
#include "thread/wait_queue.hpp"
#include "thread/wall_clock.hpp"

namespace abi::rtthread {

using memory::UserPtr;
using process::PosixTimer;
using thread::Time;

Time date_to_deadline(Time date) {
    const Time start = thread::boot_time();
    return date > start ? date - start : 0;
}

namespace {

constexpr std::uint32_t absolute_time = 1;

Result<Time> read_clock(std::int32_t clock) {
    switch (clock) {
    case clock_realtime:
    case clock_realtime_coarse:
        return thread::wall_time();
    case clock_monotonic:
    case clock_monotonic_raw:
    case clock_monotonic_coarse:
    case clock_boot:
        return thread::now();
    case clock_process: {
        const process::Usage usage = process::usage_of(process::current());
        return usage.user + usage.system;
    }
    case clock_thread:
        return thread::current().user_time + thread::current().system_time;
    default:
        return fail(Error::invalid_argument);
    }
}

Result<> sleep_relative(thread::Thread& thread, Time span, UserPtr<Timespec> remaining) {
    const Time deadline = resume_deadline(thread, span);
    if (thread::sleep_until(deadline))
        return {};
    const Time now = thread::now();
    if (remaining)
        TRY(remaining.write(to_timespec(deadline > now ? deadline - now : 0)));
    return restart_at_deadline(thread, deadline);
}

Result<> set_wall_clock(Result<Time> time) {
    TRY(time);
    if (!process::current().credentials_of().is_root())
        return fail(Error::not_permitted);
    thread::set_wall_time(*time);
    return {};
}

} // namespace

Result<> sys_nanosleep(thread::Thread& thread, UserPtr<const Timespec> request, UserPtr<Timespec> remaining) {
    return sleep_relative(thread, TRY(to_time(TRY(request.read()))), remaining);
}

Result<> sys_gettimeofday(UserPtr<Timeval> time, UserAddr) {
    return time ? time.write(to_timeval(thread::wall_time())) : Result<>();
}

Result<> sys_settimeofday(UserPtr<const Timeval> time, UserAddr) {
    return time ? set_wall_clock(to_time(TRY(time.read()))) : fail(Error::bad_address);
}

Result<> sys_clock_settime(std::int32_t clock, UserPtr<const Timespec> time) {
    if (clock != clock_realtime)
        return fail(Error::invalid_argument);
    return set_wall_clock(to_time(TRY(time.read())));
}

Result<> sys_clock_gettime(std::int32_t clock, UserPtr<Timespec> time) {
    return time.write(to_timespec(TRY(read_clock(clock))));
}

Result<> sys_clock_getres(std::int32_t clock, UserPtr<Timespec> time) {
    TRY(read_clock(clock));
    return time.write(to_timespec(1));
}

Result<> sys_clock_nanosleep(
    thread::Thread& thread, std::int32_t clock, Flags flags, UserPtr<const Timespec> request,
    UserPtr<Timespec> remaining) {
    if (clock != clock_realtime && clock != clock_monotonic && clock != clock_boot)
        return fail(Error::invalid_argument);
    const Time time = TRY(to_time(TRY(request.read())));
    if (!(flags.bits & absolute_time))
        return sleep_relative(thread, time, remaining);
    return thread::sleep_until(clock == clock_realtime ? date_to_deadline(time) : time); // may be made again as it is
}

// Timers. A number carries in its lowest bit whether absolute times are dates.

namespace {

constexpr std::int32_t date_bit = 1;
constexpr std::int32_t notify_signal = 0, notify_none = 1, notify_thread = 4;

Result<PosixTimer::Notice> to_notice(thread::Thread& thread, const EventRecord& event) {
    PosixTimer::Notice notice;
    notice.value = event.value;
    if (event.notify == notify_none)
        return notice;
    if ((event.notify != notify_signal && event.notify != notify_thread) || event.signal < 1
        || event.signal > static_cast<std::int32_t>(process::signal_count))
        return fail(Error::invalid_argument);
    notice.signal = static_cast<process::Signal>(event.signal);
    if (event.notify == notify_thread) {
        SpinlockGuard guard(process::tree_lock);
        const thread::Thread* target = process::find_thread_locked(event.thread);
        if (!target || target->process != thread.process)
            return fail(Error::invalid_argument);
        notice.thread = event.thread;
    }
    return notice;
}

Result<Ref<PosixTimer>> find_timer(thread::Thread& thread, std::int32_t timer) {
    Ref<PosixTimer> found = thread.process->posix_timers.find(timer >> 1);
    if (!found)
        return fail(Error::invalid_argument);
    return found;
}

Itimerspec to_record(const PosixTimer::Setting& setting) {
    return {.interval = to_timespec(setting.interval), .value = to_timespec(setting.left)};
}

} // namespace

Result<> sys_timer_create(
    thread::Thread& thread, std::int32_t clock, UserPtr<const EventRecord> event, UserPtr<std::uint64_t> timer) {
    if (clock != clock_realtime && clock != clock_monotonic && clock != clock_boot)
        return fail(Error::invalid_argument);
    PosixTimer::Notice notice{.signal = process::Signal::alarm};
    if (event)
        notice = TRY(to_notice(thread, TRY(event.read())));
    process::PosixTimers& timers = thread.process->posix_timers;
    const Ref<PosixTimer> made = TRY(timers.create(*thread.process, notice));
    const std::int32_t shown = made->number() << 1 | (clock == clock_realtime ? date_bit : 0);
    const auto written = timer.write(static_cast<std::uint64_t>(shown));
    if (!written)
        timers.remove(made->number());
    return written;
}

Result<> sys_timer_delete(thread::Thread& thread, std::int32_t timer) {
    return thread.process->posix_timers.remove(timer >> 1) ? Result<>() : fail(Error::invalid_argument);
}

Result<> sys_timer_settime(
    thread::Thread& thread, std::int32_t timer, std::int32_t flags, UserPtr<const Itimerspec> value,
    UserPtr<Itimerspec> former) {
    const Itimerspec in = TRY(value.read());
    const Time left = TRY(to_time(in.value)), interval = TRY(to_time(in.interval));
    const Ref<PosixTimer> found = TRY(find_timer(thread, timer));
    Time deadline = 0;
    if (left != 0 && !(static_cast<std::uint32_t>(flags) & absolute_time))
        deadline = after(thread::now(), left);
    else if (left != 0) // one in the past is due at once
        deadline = std::max<Time>(timer & date_bit ? date_to_deadline(left) : left, 1);
    const PosixTimer::Setting old = found->set(deadline, interval);
    return former ? former.write(to_record(old)) : Result<>();
}

Result<> sys_timer_gettime(thread::Thread& thread, std::int32_t timer, UserPtr<Itimerspec> value) {
    return value.write(to_record(TRY(find_timer(thread, timer))->get()));
}

Result<std::int32_t> sys_timer_getoverrun(thread::Thread& thread, std::int32_t timer) {
    return TRY(find_timer(thread, timer))->overruns();
}

Result<>
sys_setitimer(thread::Thread& thread, std::int32_t which, UserPtr<const Itimerval> value, UserPtr<Itimerval> former) {
    constexpr std::int32_t real = 0;
    if (which != real)
        return fail(Error::invalid_argument);
    process::IntervalTimer::Setting wanted;
    if (value) {
        const Itimerval in = TRY(value.read());
        wanted = {.left = TRY(to_time(in.value)), .interval = TRY(to_time(in.interval))};
    }
    const auto old = thread.process->real_timer.set(wanted);
    if (!former)
        return {};
    return former.write({.interval = to_timeval(old.interval), .value = to_timeval(old.left)});
}

} // namespace abi::rtthread
