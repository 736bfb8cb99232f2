#include "abi/sel4/calls/syscall.hpp"

#include "abi/sel4/calls/debug.hpp"
#include "abi/sel4/calls/fastpath.hpp"
#include "abi/sel4/invocation.hpp"
#include "abi/sel4/object/cspace.hpp"
#include "abi/sel4/object/delete.hpp"
#include "abi/sel4/object/endpoint.hpp"
#include "abi/sel4/object/isa_objects.hpp"
#include "abi/sel4/object/tcb.hpp"
#include "abi/sel4/object/transfer.hpp"
#include "abi/sel4/schedule.hpp"
#include "abi/sel4/system.hpp"

namespace abi::sel4 {
namespace {

/// The caller stands before its trap instruction again: it makes the call once more when it goes on.
void rewind_call(Tcb& caller) REQUIRES(lock) {
    caller.frame().program_counter -= isa::syscall_length;
    current_call.rewind = 0;
}

void fault_in_call(Tcb& caller, Cptr address, const LookupFailure& why, bool receiving) REQUIRES(lock) {
    rewind_call(caller);
    handle_fault(
        caller, {.kind = Fault::Kind::capability, .receiving = receiving, .words = {address, 0, 0}, .lookup = why});
}

void reply_from_kernel(Tcb& caller, Word label, unsigned length) {
    caller.reg(isa::cap_register) = 0;
    caller.reg(isa::info_register) = MessageInfo::make(label, 0, 0, length).word;
}

void reply_error(Tcb& caller, const Failure& why) REQUIRES(lock) {
    Word* const buffer = lookup_ipc_buffer(true, caller);
    unsigned length = 0;
    while (length < why.word_count && set_message_word(caller, buffer, length, why.words[length]))
        ++length;
    reply_from_kernel(caller, static_cast<Word>(why.code), length);
}

void reply_success(Tcb& caller, const Invocation& invocation) {
    if (!invocation.replied)
        for (unsigned i = 0; i < invocation.reply_length; ++i)
            caller.reg(isa::message_registers[i]) = invocation.reply[i];
    reply_from_kernel(caller, 0, invocation.reply_length);
}

Lookup<Slot*> lookup_cap_and_slot(Tcb& caller, Cptr cptr) REQUIRES(lock) {
    return lookup_slot(caller, cptr);
}

void handle_invocation(Tcb& caller, bool call, bool blocking) REQUIRES(lock) {
    const MessageInfo info{caller.reg(isa::info_register)};
    const Cptr cptr = caller.reg(isa::cap_register);
    const auto slot = lookup_cap_and_slot(caller, cptr);
    if (!slot) [[unlikely]] {
        if (blocking)
            fault_in_call(caller, cptr, slot.error(), false);
        return;
    }
    const Word* const buffer = lookup_ipc_buffer(false, caller);
    unsigned length = info.length();
    if (length > message_register_count && !buffer)
        length = message_register_count;
    Invocation invocation{
        .caller = caller,
        .system = *caller.system,
        .label = canonical_label(info.label(), caller.system->smp),
        .length = length,
        .cptr = cptr,
        .slot = **slot,
        .blocking = blocking,
        .call = call,
        .buffer = buffer,
    };
    if (info.extra_caps() != 0) {
        if (const auto found = lookup_extra_caps(caller, buffer, info, invocation.extra); !found) [[unlikely]] {
            if (blocking)
                fault_in_call(caller, found.error().address, found.error().why, false);
            return;
        }
    }
    const Outcome outcome = decode_invocation(invocation);
    if (!outcome) [[unlikely]] {
        if (outcome.error().code == ErrorCode::preempted)
            rewind_call(caller);
        else if (call)
            reply_error(caller, outcome.error());
        return;
    }
    if (call && caller.runnable())
        reply_success(caller, invocation);
}

void handle_recv(Tcb& caller, bool blocking) REQUIRES(lock) {
    const Cptr cptr = caller.reg(isa::cap_register);
    const auto slot = lookup_cap_and_slot(caller, cptr);
    if (!slot) [[unlikely]]
        return fault_in_call(caller, cptr, slot.error(), true);
    const Capability cap = (*slot)->cap;
    if (cap.is(CapType::endpoint) && endpoint::may(cap, right_read)) {
        delete_one(*caller.system, caller.slots[slot_caller]);
        return receive_ipc(caller, cap, blocking);
    }
    if (cap.is(CapType::notification) && endpoint::may(cap, right_read)) {
        const Tcb* const bound = cap.object<Notification>()->bound;
        if (!bound || bound == &caller)
            return receive_signal(caller, cap, blocking);
    }
    fault_in_call(caller, cptr, {.kind = LookupFailure::Kind::missing_capability}, true);
}

void handle_reply(Tcb& caller) REQUIRES(lock) {
    Slot& slot = caller.slots[slot_caller];
    if (slot.cap.is(CapType::reply) && !reply::is_master(slot.cap))
        do_reply_transfer(*caller.system, caller, *slot.cap.object<Tcb>(), slot, reply::may_grant(slot.cap));
}

void handle_by_number(Tcb& caller, std::int64_t number) REQUIRES(lock) {
    switch (number) {
    case sys_call:
        return handle_invocation(caller, true, true);
    case sys_reply_recv:
        handle_reply(caller);
        return handle_recv(caller, true);
    case sys_send:
        return handle_invocation(caller, false, true);
    case sys_nb_send:
        return handle_invocation(caller, false, false);
    case sys_recv:
        return handle_recv(caller, true);
    case sys_reply:
        return handle_reply(caller);
    case sys_yield:
        return yield(caller);
    case sys_nb_recv:
        return handle_recv(caller, false);
    case sys_set_tls_base:
        if (isa::has_set_tls_base)
            return isa::set_tls_base(caller, caller.reg(isa::cap_register));
        [[fallthrough]];
    default:
        if (caller.system->debug_calls && handle_debug_call(caller, number))
            return;
        rewind_call(caller);
        handle_fault(
            caller, {.kind = Fault::Kind::unknown_syscall, .words = {static_cast<Word>(number), 0, 0}, .lookup = {}});
    }
}

} // namespace

void slowpath(Tcb& caller, std::int64_t number) {
    begin_call(caller, isa::syscall_length);
    handle_by_number(caller, number);
    leave_call(caller);
}

void handle_syscall(thread::Thread& thread) {
    Tcb& caller = Tcb::of(thread);
    enter_fast(caller, isa::syscall_length);
    const auto number = static_cast<std::int64_t>(caller.reg(isa::syscall_register));
    if (number == sys_call)
        return fastpath_call(caller);
    if (number == sys_reply_recv)
        return fastpath_reply_recv(caller);
    if (number == sys_send)
        return fastpath_send(caller);
    if (number == sys_yield)
        return fastpath_yield(caller);
    slowpath(caller, number);
}

} // namespace abi::sel4
