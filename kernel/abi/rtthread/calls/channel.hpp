#pragma once
// Channels.

#include "abi/rtthread/row.hpp"

namespace abi::rtthread {

/// -1 when it cannot be opened, whatever the reason.
Result<std::int32_t> sys_channel_open(thread::Thread& thread, memory::UserString name, Flags flags);
Result<> sys_channel_close(thread::Thread& thread, Descriptor descriptor);
Result<> sys_channel_send(thread::Thread& thread, Descriptor descriptor, UserAddr message);
Result<> sys_channel_send_recv_timeout(
    thread::Thread& thread, Descriptor descriptor, UserAddr message, UserAddr answer, std::int32_t timeout);
Result<> sys_channel_reply(thread::Thread& thread, Descriptor descriptor, UserAddr message);
Result<>
sys_channel_recv_timeout(thread::Thread& thread, Descriptor descriptor, UserAddr message, std::int32_t timeout);

inline constexpr std::array channel_calls{
    RTTHREAD_OBJECT_CALL(44, channel_open),  RTTHREAD_OBJECT_CALL(45, channel_close),
    RTTHREAD_OBJECT_CALL(46, channel_send),  RTTHREAD_OBJECT_CALL(47, channel_send_recv_timeout),
    RTTHREAD_OBJECT_CALL(48, channel_reply), RTTHREAD_OBJECT_CALL(49, channel_recv_timeout),
};

} // namespace abi::rtthread
