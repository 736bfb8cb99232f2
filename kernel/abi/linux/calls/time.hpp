#pragma once
// clock_*, nanosleep, gettimeofday and what x86_64 has besides.

#include "abi/linux/row.hpp"

#include <linux/time.h>
#include <linux/time_types.h>

namespace abi::linux {

using memory::UserPtr;
using Timespec = __kernel_timespec;
using Timeval = __kernel_old_timeval;

Result<> sys_clock_gettime(std::int32_t clock, UserPtr<Timespec> time);
Result<> sys_clock_settime(std::int32_t clock, UserPtr<const Timespec> time);
Result<> sys_clock_getres(std::int32_t clock, UserPtr<Timespec> resolution);
Result<>
sys_clock_nanosleep(std::int32_t clock, Flags flags, UserPtr<const Timespec> request, UserPtr<Timespec> remaining);
Result<> sys_nanosleep(UserPtr<const Timespec> request, UserPtr<Timespec> remaining);
Result<> sys_gettimeofday(UserPtr<Timeval> time, UserPtr<struct timezone> zone);
Result<> sys_settimeofday(UserPtr<const Timeval> time, UserPtr<const struct timezone> zone);
Result<std::int64_t> sys_time(UserPtr<std::int64_t> seconds);

inline constexpr std::array time_calls{
    LINUX_CALL(clock_gettime), LINUX_CALL(clock_settime), LINUX_CALL(clock_getres), LINUX_CALL(clock_nanosleep),
    LINUX_CALL(nanosleep),     LINUX_CALL(gettimeofday),  LINUX_CALL(settimeofday),
};

} // namespace abi::linux
