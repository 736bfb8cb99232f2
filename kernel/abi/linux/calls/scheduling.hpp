#pragma once
// Who runs where and when (sched(7)). There is one policy, SCHED_OTHER; the real-time ones are refused.

#include "abi/linux/row.hpp"

#include <linux/time_types.h>

namespace abi::linux {

using memory::UserPtr;

struct SchedulingParameter { // struct sched_param of the C libraries
    std::int32_t priority;
};

Result<> sys_sched_yield();
Result<> sys_sched_setaffinity(thread::Thread& thread, ProcessId target, std::uint32_t size, UserAddr mask);
Result<std::int64_t> sys_sched_getaffinity(thread::Thread& thread, ProcessId target, std::uint32_t size, UserAddr mask);
Result<std::int32_t> sys_sched_getscheduler(thread::Thread& thread, ProcessId target);
Result<> sys_sched_setscheduler(
    thread::Thread& thread, ProcessId target, std::int32_t policy, UserPtr<const SchedulingParameter> parameter);
Result<> sys_sched_getparam(thread::Thread& thread, ProcessId target, UserPtr<SchedulingParameter> parameter);
Result<> sys_sched_setparam(thread::Thread& thread, ProcessId target, UserPtr<const SchedulingParameter> parameter);
Result<std::int32_t> sys_sched_get_priority_max(std::int32_t policy);
Result<std::int32_t> sys_sched_get_priority_min(std::int32_t policy);
Result<> sys_sched_rr_get_interval(thread::Thread& thread, ProcessId target, UserPtr<__kernel_timespec> interval);

inline constexpr std::array scheduling_calls{
    LINUX_CALL(sched_yield),
    LINUX_CALL(sched_setaffinity),
    LINUX_CALL(sched_getaffinity),
    LINUX_CALL(sched_getscheduler),
    LINUX_PARTIAL(sched_setscheduler, "no real-time policies"),
    LINUX_CALL(sched_getparam),
    LINUX_PARTIAL(sched_setparam, "no real-time policies"),
    LINUX_CALL(sched_get_priority_max),
    LINUX_CALL(sched_get_priority_min),
    LINUX_CALL(sched_rr_get_interval),
};

} // namespace abi::linux
