#pragma once
// Clocks, sleeping, and timers that send signals.

#include "abi/rtthread/row.hpp"
#include "abi/rtthread/times.hpp"

namespace abi::rtthread {

/// struct sigevent, the part that is read.
struct EventRecord {
    std::uint64_t value;
    std::int32_t signal, notify, thread;
    std::int32_t padding;
};

Result<>
sys_nanosleep(thread::Thread& thread, memory::UserPtr<const Timespec> request, memory::UserPtr<Timespec> remaining);
Result<> sys_gettimeofday(memory::UserPtr<Timeval> time, UserAddr zone);
Result<> sys_settimeofday(memory::UserPtr<const Timeval> time, UserAddr zone);
Result<> sys_clock_settime(std::int32_t clock, memory::UserPtr<const Timespec> time);
Result<> sys_clock_gettime(std::int32_t clock, memory::UserPtr<Timespec> time);
Result<> sys_clock_getres(std::int32_t clock, memory::UserPtr<Timespec> time);
Result<> sys_clock_nanosleep(
    thread::Thread& thread, std::int32_t clock, Flags flags, memory::UserPtr<const Timespec> request,
    memory::UserPtr<Timespec> remaining);
Result<> sys_timer_create(
    thread::Thread& thread, std::int32_t clock, memory::UserPtr<const EventRecord> event,
    memory::UserPtr<std::uint64_t> timer);
Result<> sys_timer_delete(thread::Thread& thread, std::int32_t timer);
Result<> sys_timer_settime(
    thread::Thread& thread, std::int32_t timer, std::int32_t flags, memory::UserPtr<const Itimerspec> value,
    memory::UserPtr<Itimerspec> former);
Result<> sys_timer_gettime(thread::Thread& thread, std::int32_t timer, memory::UserPtr<Itimerspec> value);
Result<std::int32_t> sys_timer_getoverrun(thread::Thread& thread, std::int32_t timer);
Result<> sys_setitimer(
    thread::Thread& thread, std::int32_t which, memory::UserPtr<const Itimerval> value,
    memory::UserPtr<Itimerval> former);

inline constexpr std::array time_calls{
    RTTHREAD_CALL(10, nanosleep),
    RTTHREAD_CALL(11, gettimeofday),
    RTTHREAD_CALL(12, settimeofday),
    RTTHREAD_CALL(127, clock_settime),
    RTTHREAD_CALL(128, clock_gettime),
    RTTHREAD_CALL(129, clock_getres),
    RTTHREAD_CALL(156, clock_nanosleep),
    RTTHREAD_CALL(157, timer_create),
    RTTHREAD_CALL(158, timer_delete),
    RTTHREAD_CALL(159, timer_settime),
    RTTHREAD_CALL(160, timer_gettime),
    RTTHREAD_CALL(161, timer_getoverrun),
    RTTHREAD_PARTIAL(202, setitimer, "ITIMER_REAL"),
};

} // namespace abi::rtthread
