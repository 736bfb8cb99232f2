#pragma once
// The device interface: devices are what lies below /dev.

#include "abi/rtthread/calls/semaphore.hpp"

namespace abi::rtthread {

Result<> sys_rt_device_init(thread::Thread& thread, Handle handle);
Result<> sys_rt_device_control(thread::Thread& thread, Handle handle, std::int32_t command, UserAddr argument);
Result<Handle> sys_rt_device_find(thread::Thread& thread, memory::UserString name);
Result<> sys_rt_device_open(thread::Thread& thread, Handle handle, std::uint16_t flags);
Result<> sys_rt_device_close(thread::Thread& thread, Handle handle);
Result<std::size_t>
sys_rt_device_read(thread::Thread& thread, Handle handle, FileOffset position, memory::UserBytes buffer);
Result<std::size_t>
sys_rt_device_write(thread::Thread& thread, Handle handle, FileOffset position, memory::ConstUserBytes buffer);

inline constexpr std::array device_calls{
    RTTHREAD_OBJECT_CALL(59, rt_device_init),
    RTTHREAD_OBJECT_PARTIAL(61, rt_device_control, "RESUME and SUSPEND; other commands answer -RT_ENOSYS"),
    RTTHREAD_OBJECT_PARTIAL(62, rt_device_find, "the devices are those of /dev"),
    RTTHREAD_OBJECT_CALL(63, rt_device_open),
    RTTHREAD_OBJECT_CALL(64, rt_device_close),
    RTTHREAD_OBJECT_CALL(65, rt_device_read),
    RTTHREAD_OBJECT_CALL(66, rt_device_write),
};

} // namespace abi::rtthread
