#pragma once
// Semaphores, and the critical section that all programs share.

#include "abi/rtthread/row.hpp"

namespace abi::rtthread {

using Handle = std::uint64_t;

Result<Handle> sys_sem_create(thread::Thread& thread, memory::UserString name, std::uint32_t value, std::uint8_t order);
Result<> sys_sem_delete(thread::Thread& thread, Handle handle);
Result<> sys_sem_take(thread::Thread& thread, Handle handle, std::int32_t timeout);
Result<> sys_sem_release(thread::Thread& thread, Handle handle);
Result<> sys_enter_critical(thread::Thread& thread);
Result<> sys_exit_critical(thread::Thread& thread);

/// The thread ends inside the critical section: the next may enter.
void leave_critical_section(thread::Thread& thread);

inline constexpr std::array semaphore_calls{
    RTTHREAD_OBJECT_CALL(18, sem_create),     RTTHREAD_OBJECT_CALL(19, sem_delete),
    RTTHREAD_OBJECT_CALL(20, sem_take),       RTTHREAD_OBJECT_CALL(21, sem_release),
    RTTHREAD_OBJECT_CALL(50, enter_critical), RTTHREAD_OBJECT_CALL(51, exit_critical),
};

} // namespace abi::rtthread
