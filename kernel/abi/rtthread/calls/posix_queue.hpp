#pragma once
// POSIX message queues, known by name and open as descriptors. RT-Thread's own queues are in objects.hpp.

#include "abi/rtthread/calls/time.hpp"

namespace abi::rtthread {

/// musl's struct mq_attr.
struct QueueAttributes {
    std::int64_t flags, messages, message_bytes, count;
    std::array<std::int64_t, 4> unused;
};

/// The name comes without the slash that programs begin it with.
Result<Descriptor>
sys_mq_open(memory::UserString name, Flags flags, FileMode mode, memory::UserPtr<const QueueAttributes> attributes);
Result<> sys_mq_unlink(memory::UserString name);
/// `until`: a date; null: for ever.
Result<std::int64_t> sys_mq_timedsend(
    thread::Thread& thread, Descriptor queue, UserAddr message, std::uint64_t bytes, std::uint32_t priority,
    memory::UserPtr<const Timespec> until);
Result<std::int64_t> sys_mq_timedreceive(
    thread::Thread& thread, Descriptor queue, UserAddr message, std::uint64_t bytes,
    memory::UserPtr<std::uint32_t> priority, memory::UserPtr<const Timespec> until);
Result<> sys_mq_notify(thread::Thread& thread, Descriptor queue, memory::UserPtr<const EventRecord> event);
Result<> sys_mq_getsetattr(
    Descriptor queue, memory::UserPtr<const QueueAttributes> wanted, memory::UserPtr<QueueAttributes> former);
Result<> sys_mq_close(Descriptor queue);

inline constexpr std::array posix_queue_calls{
    RTTHREAD_CALL(162, mq_open),
    RTTHREAD_CALL(163, mq_unlink),
    RTTHREAD_CALL(164, mq_timedsend),
    RTTHREAD_CALL(165, mq_timedreceive),
    RTTHREAD_PARTIAL(166, mq_notify, "SIGEV_SIGNAL and SIGEV_NONE"),
    RTTHREAD_CALL(167, mq_getsetattr),
    RTTHREAD_CALL(168, mq_close),
};

} // namespace abi::rtthread
