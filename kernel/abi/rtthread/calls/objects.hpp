#pragma once
// Mutexes, events, mailboxes and message queues.

#include "abi/rtthread/calls/semaphore.hpp"

namespace abi::rtthread {

Result<Handle> sys_mutex_create(thread::Thread& thread, memory::UserString name, std::uint8_t order);
Result<> sys_mutex_delete(thread::Thread& thread, Handle handle);
Result<> sys_mutex_take(thread::Thread& thread, Handle handle, std::int32_t timeout);
Result<> sys_mutex_release(thread::Thread& thread, Handle handle);

Result<Handle> sys_event_create(thread::Thread& thread, memory::UserString name, std::uint8_t order);
Result<> sys_event_delete(thread::Thread& thread, Handle handle);
Result<> sys_event_send(thread::Thread& thread, Handle handle, std::uint32_t set);
Result<> sys_event_recv(
    thread::Thread& thread, Handle handle, std::uint32_t set, std::uint8_t option, std::int32_t timeout,
    memory::UserPtr<std::uint32_t> received);

Result<Handle> sys_mb_create(thread::Thread& thread, memory::UserString name, std::uint64_t places, std::uint8_t order);
Result<> sys_mb_delete(thread::Thread& thread, Handle handle);
Result<> sys_mb_send(thread::Thread& thread, Handle handle, std::uint64_t word);
Result<> sys_mb_send_wait(thread::Thread& thread, Handle handle, std::uint64_t word, std::int32_t timeout);
Result<> sys_mb_recv(thread::Thread& thread, Handle handle, memory::UserPtr<std::uint64_t> word, std::int32_t timeout);

Result<Handle> sys_mq_create(
    thread::Thread& thread, memory::UserString name, std::uint64_t message_bytes, std::uint64_t messages,
    std::uint8_t order);
Result<> sys_mq_delete(thread::Thread& thread, Handle handle);
Result<> sys_mq_send(thread::Thread& thread, Handle handle, memory::ConstUserBytes message);
Result<> sys_mq_urgent(thread::Thread& thread, Handle handle, memory::ConstUserBytes message);
/// Returns the message's size; 5.0.x answers 0.
Result<std::size_t> sys_mq_recv(thread::Thread& thread, Handle handle, memory::UserBytes message, std::int32_t timeout);

inline constexpr std::array object_calls{
    RTTHREAD_OBJECT_CALL(22, mutex_create), RTTHREAD_OBJECT_CALL(23, mutex_delete),
    RTTHREAD_OBJECT_CALL(24, mutex_take),   RTTHREAD_OBJECT_CALL(25, mutex_release),
    RTTHREAD_OBJECT_CALL(26, event_create), RTTHREAD_OBJECT_CALL(27, event_delete),
    RTTHREAD_OBJECT_CALL(28, event_send),   RTTHREAD_OBJECT_CALL(29, event_recv),
    RTTHREAD_OBJECT_CALL(30, mb_create),    RTTHREAD_OBJECT_CALL(31, mb_delete),
    RTTHREAD_OBJECT_CALL(32, mb_send),      RTTHREAD_OBJECT_CALL(33, mb_send_wait),
    RTTHREAD_OBJECT_CALL(34, mb_recv),      RTTHREAD_OBJECT_CALL(35, mq_create),
    RTTHREAD_OBJECT_CALL(36, mq_delete),    RTTHREAD_OBJECT_CALL(37, mq_send),
    RTTHREAD_OBJECT_CALL(38, mq_urgent),    RTTHREAD_OBJECT_CALL(39, mq_recv),
};

} // namespace abi::rtthread
