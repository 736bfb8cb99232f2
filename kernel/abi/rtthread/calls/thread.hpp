#pragma once
// Threads, and the timers that release semaphores.

#include "abi/rtthread/calls/semaphore.hpp"

namespace abi::rtthread {

/// Six words at `arguments`: name, entry, parameter, stack size, priority, ticks of a slice. Returns the handle, or 0.
Result<Handle> sys_thread_create(thread::Thread& thread, UserAddr arguments);
Result<> sys_thread_delete(thread::Thread& thread, Handle handle);
Result<> sys_thread_startup(thread::Thread& thread, Handle handle);
Result<Handle> sys_thread_self(thread::Thread& thread);
Result<Handle> sys_rt_thread_find(thread::Thread& thread, memory::UserString name);
Result<> sys_rt_thread_mdelay(thread::Thread& thread, std::int32_t milliseconds);
Result<std::uint32_t> sys_rt_tick_get();

Result<Handle> sys_rt_timer_create(
    thread::Thread& thread, memory::UserString name, Handle semaphore, std::uint32_t ticks, std::uint8_t flags);
Result<> sys_rt_timer_delete(thread::Thread& thread, Handle handle);
Result<> sys_rt_timer_start(thread::Thread& thread, Handle handle);
Result<> sys_rt_timer_stop(thread::Thread& thread, Handle handle);
Result<> sys_rt_timer_control(
    thread::Thread& thread, Handle handle, std::int32_t command, memory::UserPtr<std::uint32_t> argument);

inline constexpr std::array thread_calls{
    RTTHREAD_OBJECT_CALL(40, thread_create),
    RTTHREAD_OBJECT_CALL(41, thread_delete),
    RTTHREAD_OBJECT_CALL(42, thread_startup),
    RTTHREAD_OBJECT_CALL(43, thread_self),
    RTTHREAD_OBJECT_PARTIAL(68, rt_thread_find, "finds threads of the caller's own process"),
    RTTHREAD_OBJECT_CALL(97, rt_tick_get),
    RTTHREAD_OBJECT_CALL(102, rt_thread_mdelay),
    RTTHREAD_OBJECT_CALL(111, rt_timer_create),
    RTTHREAD_OBJECT_CALL(112, rt_timer_delete),
    RTTHREAD_OBJECT_CALL(113, rt_timer_start),
    RTTHREAD_OBJECT_CALL(114, rt_timer_stop),
    RTTHREAD_OBJECT_PARTIAL(115, rt_timer_control, "the commands on function and parameter answer -RT_EINVAL"),
};

} // namespace abi::rtthread
