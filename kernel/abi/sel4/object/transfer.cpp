#include "abi/sel4/object/transfer.hpp"

#include "abi/sel4/fault.hpp"
#include "abi/sel4/object/cspace.hpp"
#include "abi/sel4/object/delete.hpp"
#include "abi/sel4/object/derivation.hpp"
#include "abi/sel4/object/endpoint.hpp"
#include "abi/sel4/object/tcb.hpp"
#include "abi/sel4/schedule.hpp"

#include <algorithm>

namespace abi::sel4 {
namespace {

/// Where the receiver wants a capability; null: nowhere, or the slot is taken.
Slot* receive_slot(Tcb& receiver, const Word* buffer) REQUIRES(lock) {
    const auto root = lookup_slot(receiver, buffer[ipc_buffer::receive_cnode]);
    if (!root)
        return nullptr;
    const auto slot = lookup_slot_for_cnode_op(
        false, (*root)->cap, buffer[ipc_buffer::receive_index], buffer[ipc_buffer::receive_depth]);
    return slot && (*slot)->empty() ? *slot : nullptr;
}

/// Hands the capabilities over; those of the endpoint itself arrive as their badges. Returns the unwrapped and extra
/// fields of the receiver's message info.
MessageInfo transfer_caps(const ExtraCaps& caps, const Endpoint* endpoint, Tcb& receiver, Word* buffer) REQUIRES(lock) {
    if (!caps[0] || !buffer)
        return {};
    Slot* destination = receive_slot(receiver, buffer);
    Word unwrapped = 0;
    unsigned i = 0;
    for (; i < caps.size() && caps[i]; ++i) {
        const Capability& cap = caps[i]->cap;
        if (endpoint && cap.is(CapType::endpoint) && cap.object<Endpoint>() == endpoint) {
            buffer[ipc_buffer::caps_or_badges + i] = endpoint::badge(cap);
            unwrapped |= Word{1} << i;
            continue;
        }
        if (!destination)
            break;
        const auto derived = derive(*caps[i], cap);
        if (!derived || !*derived)
            break;
        insert_derived(*derived, *caps[i], *destination);
        destination = nullptr;
    }
    return MessageInfo::make(0, unwrapped, i, 0);
}

/// Copies the words of a message; returns how many arrived.
unsigned copy_message(Tcb& sender, const Word* from, Tcb& receiver, Word* to, unsigned length) {
    for (unsigned i = 0; i < std::min(length, message_register_count); ++i)
        receiver.reg(isa::message_registers[i]) = sender.reg(isa::message_registers[i]);
    if (length <= message_register_count)
        return length;
    if (!from || !to)
        return message_register_count;
    for (unsigned i = message_register_count; i < length; ++i)
        to[ipc_buffer::message + i] = from[ipc_buffer::message + i];
    return length;
}

void do_normal_transfer(Tcb& sender, Endpoint* endpoint, Word badge, bool grant, Tcb& receiver) REQUIRES(lock) {
    const MessageInfo info{sender.reg(isa::info_register)};
    const unsigned length = info.length();
    if (length <= message_register_count && info.extra_caps() == 0) [[likely]] { // no buffer is needed
        copy_message(sender, nullptr, receiver, nullptr, length);
        receiver.reg(isa::info_register) = MessageInfo::make(info.label(), 0, 0, length).word;
        receiver.reg(isa::cap_register) = badge;
        return;
    }
    const Word* const from = lookup_ipc_buffer(false, sender);
    Word* const to = lookup_ipc_buffer(true, receiver);
    ExtraCaps caps{};
    if (grant && !lookup_extra_caps(sender, from, info, caps))
        caps = {};
    const unsigned copied = copy_message(sender, from, receiver, to, length);
    const MessageInfo transferred = transfer_caps(caps, endpoint, receiver, to);
    receiver.reg(isa::info_register) = MessageInfo::make(info.label(), 0, 0, copied).word | transferred.word;
    receiver.reg(isa::cap_register) = badge;
}

} // namespace

std::expected<void, ExtraCapsFailure>
lookup_extra_caps(Tcb& tcb, const Word* buffer, MessageInfo info, ExtraCaps& caps) {
    if (!buffer)
        return {};
    for (unsigned i = 0; i < info.extra_caps(); ++i) {
        const Cptr address = buffer[ipc_buffer::caps_or_badges + i];
        const auto slot = lookup_slot(tcb, address);
        if (!slot)
            return std::unexpected(ExtraCapsFailure{address, slot.error()});
        caps[i] = *slot;
    }
    return {};
}

void do_ipc_transfer(Tcb& sender, Endpoint* endpoint, Word badge, bool grant, Tcb& receiver) {
    if (sender.fault.kind == Fault::Kind::none) [[likely]]
        return do_normal_transfer(sender, endpoint, badge, grant, receiver);
    const auto label = static_cast<Word>(sender.fault.kind);
    const unsigned length = write_fault_message(sender, receiver, lookup_ipc_buffer(true, receiver));
    receiver.reg(isa::info_register) = MessageInfo::make(label, 0, 0, length).word;
    receiver.reg(isa::cap_register) = badge;
}

void do_reply_transfer(System& system, Tcb& sender, Tcb& receiver, Slot& slot, bool grant) {
    if (receiver.state != ThreadState::blocked_on_reply) // its reply capability goes with its wait
        return delete_one(system, slot);
    if (receiver.fault.kind == Fault::Kind::none) [[likely]] {
        do_ipc_transfer(sender, nullptr, 0, grant, receiver);
        unlink_slot(slot); // a reply capability: nothing ends with it
        set_thread_state(receiver, ThreadState::running);
        return possible_switch_to(receiver);
    }
    unlink_slot(slot);
    const MessageInfo info{sender.reg(isa::info_register)};
    const bool goes_on =
        read_fault_reply(receiver, sender, info.label(), info.length(), lookup_ipc_buffer(false, sender));
    receiver.fault.kind = Fault::Kind::none;
    receiver.rewind = 0;
    set_thread_state(receiver, goes_on ? ThreadState::restart : ThreadState::inactive);
    if (goes_on)
        possible_switch_to(receiver);
}

void set_up_caller_cap(Tcb& sender, Tcb& receiver, bool may_grant) {
    set_thread_state(sender, ThreadState::blocked_on_reply);
    Slot& master = sender.slots[slot_reply];
    Slot& caller = receiver.slots[slot_caller];
    if (master.empty() || !caller.empty()) // cannot be: a running thread has its master, a receiver lost its caller
        return;
    insert_derived(reply::make(sender.physical(), false, may_grant), master, caller);
}

} // namespace abi::sel4
