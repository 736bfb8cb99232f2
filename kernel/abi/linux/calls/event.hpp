#pragma once
// Files that wait: event counters, timers, sets of watched files.

#include "abi/linux/row.hpp"

#include <linux/eventpoll.h>
#include <linux/time_types.h>

namespace abi::linux {

using Itimerspec = struct __kernel_itimerspec;

Result<Descriptor> sys_eventfd2(std::uint32_t initial, Flags flags);
Result<Descriptor> sys_timerfd_create(std::int32_t clock, Flags flags);
Result<> sys_timerfd_settime(
    Descriptor descriptor, Flags flags, memory::UserPtr<const Itimerspec> setting, memory::UserPtr<Itimerspec> old);
Result<> sys_timerfd_gettime(Descriptor descriptor, memory::UserPtr<Itimerspec> setting);
Result<Descriptor> sys_epoll_create1(Flags flags);
Result<> sys_epoll_ctl(Descriptor set, std::int32_t operation, Descriptor watched, UserAddr event);
Result<std::int64_t> sys_epoll_pwait(
    thread::Thread& thread, Descriptor set, UserAddr events, std::int32_t count, std::int32_t milliseconds,
    UserAddr mask, std::uint64_t mask_bytes);
Result<std::int64_t> sys_epoll_pwait2(
    thread::Thread& thread, Descriptor set, UserAddr events, std::int32_t count,
    memory::UserPtr<const __kernel_timespec> timeout, UserAddr mask, std::uint64_t mask_bytes);

inline constexpr std::array event_calls{
    LINUX_CALL(eventfd2),      LINUX_CALL(timerfd_create), LINUX_CALL(timerfd_settime), LINUX_CALL(timerfd_gettime),
    LINUX_CALL(epoll_create1), LINUX_CALL(epoll_ctl),      LINUX_CALL(epoll_pwait),     LINUX_CALL(epoll_pwait2),
};

} // namespace abi::linux
