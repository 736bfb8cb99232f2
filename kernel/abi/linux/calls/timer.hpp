#pragma once
// POSIX timers (timer_create(2)).

#include "abi/linux/row.hpp"

#include <linux/signal.h>
// its users
#include <linux/time_types.h>

namespace abi::linux {

using memory::UserPtr;

Result<> sys_timer_create(
    thread::Thread& thread, std::int32_t clock, UserPtr<const sigevent_t> event, UserPtr<std::int32_t> number);
Result<> sys_timer_settime(
    thread::Thread& thread, std::int32_t number, std::int32_t flags, UserPtr<const struct __kernel_itimerspec> value,
    UserPtr<struct __kernel_itimerspec> former);
Result<> sys_timer_gettime(thread::Thread& thread, std::int32_t number, UserPtr<struct __kernel_itimerspec> value);
Result<std::int32_t> sys_timer_getoverrun(thread::Thread& thread, std::int32_t number);
Result<> sys_timer_delete(thread::Thread& thread, std::int32_t number);

inline constexpr std::array timer_calls{
    LINUX_PARTIAL(timer_create, "no processor-time clocks; a timer of the date is not moved when the date is set"),
    LINUX_CALL(timer_settime),
    LINUX_CALL(timer_gettime),
    LINUX_CALL(timer_getoverrun),
    LINUX_CALL(timer_delete),
};

} // namespace abi::linux
