#include "abi/linux/calls/timer.hpp"

#include "abi/linux/time_values.hpp"
#include "process/process.hpp"
#include "process/table.hpp"
#include "thread/wall_clock.hpp"

#include <algorithm>
#include <cstring>
#include <linux/time.h>

namespace abi::linux {
namespace {

using process::PosixTimer;
using process::Signal;
using thread::Time;

/// The low bit of a timer's number here says which clock its absolute times are of.
constexpr std::int32_t date_bit = 1;

Result<bool> is_date_clock(std::int32_t clock) {
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_TAI:
        return true;
    case CLOCK_MONOTONIC:
    case CLOCK_BOOTTIME:
        return false;
    case CLOCK_PROCESS_CPUTIME_ID:
    case CLOCK_THREAD_CPUTIME_ID:
        return fail(Error::not_supported);
    default:
        return fail(Error::invalid_argument);
    }
}

/// Who gets which signal. Errors: invalid_argument.
Result<PosixTimer::Notice> to_notice(thread::Thread& thread, const sigevent_t& event) {
    PosixTimer::Notice notice;
    std::memcpy(&notice.value, &event.sigev_value, sizeof(notice.value));
    if (event.sigev_notify == SIGEV_NONE)
        return notice;
    if (event.sigev_notify != SIGEV_SIGNAL && event.sigev_notify != SIGEV_THREAD
        && event.sigev_notify != (SIGEV_SIGNAL | SIGEV_THREAD_ID))
        return fail(Error::invalid_argument);
    if (event.sigev_signo < 1 || event.sigev_signo > static_cast<int>(process::signal_count))
        return fail(Error::invalid_argument);
    notice.signal = static_cast<Signal>(event.sigev_signo);
    if (event.sigev_notify & SIGEV_THREAD_ID) {
        SpinlockGuard guard(process::tree_lock);
        const thread::Thread* target = process::find_thread_locked(event.sigev_notify_thread_id);
        if (!target || target->process != thread.process)
            return fail(Error::invalid_argument);
        notice.thread = event.sigev_notify_thread_id;
    }
    return notice;
}

Result<Ref<PosixTimer>> find(thread::Thread& thread, std::int32_t number) {
    Ref<PosixTimer> timer = thread.process->posix_timers.find(number >> 1);
    if (!timer)
        return fail(Error::invalid_argument);
    return timer;
}

__kernel_itimerspec to_user(const PosixTimer::Setting& setting) {
    return {.it_interval = to_timespec(setting.interval), .it_value = to_timespec(setting.left)};
}

/// When a timer fires, on the monotonic clock; 0: never.
Time deadline_of(Time value, bool absolute, bool date) {
    if (value == 0)
        return 0;
    if (!absolute)
        return after(thread::now(), value);
    const Time monotonic = date ? value - std::min(value, thread::boot_time()) : value;
    return std::max<Time>(monotonic, 1); // a time in the past is due at once
}

} // namespace

Result<> sys_timer_create(
    thread::Thread& thread, std::int32_t clock, UserPtr<const sigevent_t> event, UserPtr<std::int32_t> number) {
    const bool date = TRY(is_date_clock(clock));
    PosixTimer::Notice notice{.signal = Signal::alarm};
    if (event)
        notice = TRY(to_notice(thread, TRY(event.read())));
    process::PosixTimers& timers = thread.process->posix_timers;
    const Ref<PosixTimer> timer = TRY(timers.create(*thread.process, notice));
    const std::int32_t shown = timer->number() << 1 | (date ? date_bit : 0);
    const auto written = number.write(shown);
    if (!written)
        timers.remove(timer->number());
    return written;
}

Result<> sys_timer_settime(
    thread::Thread& thread, std::int32_t number, std::int32_t flags, UserPtr<const struct __kernel_itimerspec> value,
    UserPtr<struct __kernel_itimerspec> former) {
    if (!value)
        return fail(Error::invalid_argument);
    const __kernel_itimerspec in = TRY(value.read());
    const Time left = TRY(to_time(in.it_value)), interval = TRY(to_time(in.it_interval));
    const Ref<PosixTimer> timer = TRY(find(thread, number));
    const bool absolute = (flags & TIMER_ABSTIME) != 0;
    const PosixTimer::Setting old = timer->set(deadline_of(left, absolute, (number & date_bit) != 0), interval);
    return former ? former.write(to_user(old)) : Result<>();
}

Result<> sys_timer_gettime(thread::Thread& thread, std::int32_t number, UserPtr<struct __kernel_itimerspec> value) {
    const Ref<PosixTimer> timer = TRY(find(thread, number));
    return value.write(to_user(timer->get()));
}

Result<std::int32_t> sys_timer_getoverrun(thread::Thread& thread, std::int32_t number) {
    return TRY(find(thread, number))->overruns();
}

Result<> sys_timer_delete(thread::Thread& thread, std::int32_t number) {
    return thread.process->posix_timers.remove(number >> 1) ? Result<>() : fail(Error::invalid_argument);
}

} // namespace abi::linux
