#pragma once
// Priorities and who runs where.

#include "abi/rtthread/row.hpp"

namespace abi::rtthread {

struct SchedulingParameter {
    std::int32_t priority;
};

/// `who`: a process (0 or 0xff: the caller's), or a thread's handle.
Result<std::int32_t> sys_getpriority(thread::Thread& thread, std::int32_t which, std::uint64_t who);
Result<> sys_setpriority(thread::Thread& thread, std::int32_t which, std::uint64_t who, std::int32_t priority);
Result<> sys_sched_setparam(thread::Thread& thread, ProcessId id, memory::UserPtr<const SchedulingParameter> value);
Result<> sys_sched_getparam(thread::Thread& thread, ProcessId id, memory::UserPtr<SchedulingParameter> value);
Result<std::int32_t> sys_sched_get_priority_max(std::int32_t policy);
Result<std::int32_t> sys_sched_get_priority_min(std::int32_t policy);
Result<> sys_sched_setscheduler(
    thread::Thread& thread, ProcessId id, std::int32_t policy, memory::UserPtr<const SchedulingParameter> value);
Result<> sys_sched_getscheduler(
    thread::Thread& thread, ProcessId id, memory::UserPtr<std::int32_t> policy,
    memory::UserPtr<SchedulingParameter> value);
Result<> sys_sched_setaffinity(thread::Thread& thread, ProcessId id, std::uint64_t bytes, UserAddr set);
Result<std::int64_t> sys_sched_getaffinity(thread::Thread& thread, ProcessId id, std::uint64_t bytes, UserAddr set);
Result<> sys_sched_yield();

inline constexpr std::array scheduling_calls{
    RTTHREAD_CALL(16, getpriority),
    RTTHREAD_CALL(17, setpriority),
    RTTHREAD_CALL(148, sched_setparam),
    RTTHREAD_CALL(149, sched_getparam),
    RTTHREAD_CALL(150, sched_get_priority_max),
    RTTHREAD_CALL(151, sched_get_priority_min),
    RTTHREAD_PARTIAL(152, sched_setscheduler, "every policy is FIFO with a slice; only the priority counts"),
    RTTHREAD_CALL(153, sched_getscheduler),
    RTTHREAD_CALL(154, sched_setaffinity),
    RTTHREAD_CALL(180, sched_getaffinity),
    RTTHREAD_CALL(184, sched_yield),
};

} // namespace abi::rtthread
