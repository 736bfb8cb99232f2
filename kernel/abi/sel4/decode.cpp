// From a capability to the decoder of its type.

#include "abi/sel4/invocation.hpp"
#include "abi/sel4/object/endpoint.hpp"
#include "abi/sel4/object/interrupt.hpp"
#include "abi/sel4/object/isa_objects.hpp"
#include "abi/sel4/object/tcb.hpp"
#include "abi/sel4/object/transfer.hpp"

namespace abi::sel4 {
namespace {

Outcome send_to_endpoint(Invocation& invocation) REQUIRES(lock) {
    const Capability& cap = invocation.cap();
    if (!endpoint::may(cap, right_write))
        return invalid_capability(0);
    send_ipc(
        invocation.caller, *cap.object<Endpoint>(), endpoint::badge(cap),
        {.blocking = invocation.blocking,
         .call = invocation.call,
         .may_grant = endpoint::may(cap, right_grant),
         .may_grant_reply = endpoint::may(cap, right_grant_reply)});
    return {};
}

Outcome send_to_notification(const Invocation& invocation) REQUIRES(lock) {
    const Capability& cap = invocation.cap();
    if (!endpoint::may(cap, right_write))
        return invalid_capability(0);
    send_signal(*cap.object<Notification>(), endpoint::badge(cap));
    return {};
}

Outcome send_reply(Invocation& invocation) REQUIRES(lock) {
    const Capability& cap = invocation.cap();
    if (reply::is_master(cap))
        return invalid_capability(0);
    do_reply_transfer(invocation.system, invocation.caller, *cap.object<Tcb>(), invocation.slot, reply::may_grant(cap));
    return {};
}

} // namespace

Word Invocation::word(unsigned index) const {
    if (index < message_register_count)
        return caller.reg(isa::message_registers[index]);
    return buffer ? buffer[ipc_buffer::message + index] : 0;
}

Outcome decode_invocation(Invocation& invocation) {
    const CapType type = invocation.cap().type();
    switch (type) {
    case CapType::null:
    case CapType::zombie:
        return invalid_capability(0);
    case CapType::endpoint:
        return send_to_endpoint(invocation);
    case CapType::notification:
        return send_to_notification(invocation);
    case CapType::reply:
        return send_reply(invocation);
    case CapType::thread:
        return decode_tcb_invocation(invocation);
    case CapType::untyped:
        return decode_untyped_invocation(invocation);
    case CapType::cnode:
        return decode_cnode_invocation(invocation);
    case CapType::irq_control:
        return decode_irq_control_invocation(invocation);
    case CapType::irq_handler:
        return decode_irq_handler_invocation(invocation);
    case CapType::domain:
        return decode_domain_invocation(invocation);
    default:
        return isa::decode_invocation(invocation);
    }
}

} // namespace abi::sel4
