// TCB invocations. seL4 manual 6.1 and the methods' reference.

#include "abi/sel4/invocation.hpp"
#include "abi/sel4/object/delete.hpp"
#include "abi/sel4/object/derivation.hpp"
#include "abi/sel4/object/endpoint.hpp"
#include "abi/sel4/object/isa_objects.hpp"
#include "abi/sel4/object/tcb.hpp"
#include "abi/sel4/schedule.hpp"
#include "abi/sel4/system.hpp"
#include "thread/cpu.hpp"
#include "thread/scheduler.hpp"

#include <algorithm>
#include <optional>

namespace abi::sel4 {
namespace {

Tcb& target(const Invocation& invocation) {
    return *invocation.cap().object<Tcb>();
}

/// A thread that stall() took from its CPU goes on, unless it was stopped meanwhile, or stopped and resumed: then its
/// CPU may run it already, and it is in no queue for that reason.
void put_back(Tcb& tcb) REQUIRES(lock) {
    const bool still_taken = tcb.thread.state.load() == thread::State::blocked && current_call.preferred != &tcb;
    if (tcb.runnable() && still_taken)
        make_ready(tcb);
}

Outcome read_registers(Invocation& invocation) REQUIRES(lock) {
    if (invocation.length < 2)
        return truncated_message();
    Tcb& tcb = target(invocation);
    const Word flags = invocation.word(0), count = invocation.word(1);
    if (count < 1 || count > isa::context_words())
        return range_error(1, isa::context_words());
    if (&tcb == &invocation.caller)
        return illegal_operation();
    constexpr Word suspend_source = 1;
    if (flags & suspend_source)
        suspend(tcb);
    if (!invocation.call)
        return {};
    Word* const buffer = lookup_ipc_buffer(true, invocation.caller);
    unsigned words = 0;
    while (words < count && set_message_word(invocation.caller, buffer, words, isa::read_context_word(tcb, words)))
        ++words;
    invocation.reply_length = words;
    invocation.replied = true;
    return {};
}

Outcome write_registers(Invocation& invocation) REQUIRES(lock) {
    if (invocation.length < 2)
        return truncated_message();
    Tcb& tcb = target(invocation);
    const Word flags = invocation.word(0), count = invocation.word(1);
    if (invocation.length - 2 < count)
        return truncated_message();
    if (&tcb == &invocation.caller)
        return illegal_operation();
    const unsigned words = static_cast<unsigned>(std::min<Word>(count, isa::context_words()));
    set_pc(tcb, restart_pc(tcb));
    for (unsigned i = 0; i < words; ++i)
        isa::write_context_word(tcb, i, invocation.word(i + 2));
    constexpr Word resume_target = 1;
    if (flags & resume_target)
        restart(tcb);
    return {};
}

Outcome copy_registers(Invocation& invocation) REQUIRES(lock) {
    if (invocation.length < 1 || !invocation.extra[0])
        return truncated_message();
    if (!invocation.extra[0]->cap.is(CapType::thread))
        return invalid_capability(1);
    enum : Word { suspend_source = 1, resume_target = 2, transfer_frame = 4, transfer_integer = 8 };
    const Word flags = invocation.word(0);
    Tcb& to = target(invocation);
    Tcb& from = *invocation.extra[0]->cap.object<Tcb>();
    const bool ran_elsewhere = TRY(stall(from)); // its registers are all in its frame now
    if (flags & suspend_source)
        suspend(from);
    const unsigned frame_words = isa::frame_register_words();
    if (flags & transfer_frame) {
        set_pc(to, restart_pc(to));
        for (unsigned i = 0; i < frame_words; ++i)
            isa::write_context_word(to, i, isa::read_context_word(from, i));
    }
    if (flags & transfer_integer)
        for (unsigned i = frame_words; i < isa::context_words(); ++i)
            isa::write_context_word(to, i, isa::read_context_word(from, i));
    if (flags & resume_target) // last: another CPU may run it at once
        restart(to);
    if (&to == &invocation.caller)
        reschedule_required();
    if (ran_elsewhere)
        put_back(from);
    return {};
}

/// What Configure, SetSpace and SetIPCBuffer change; each part may be absent.
struct Space {
    struct Part {
        Slot* source;
        Capability cap;
    };
    std::optional<Cptr> fault_handler;
    std::optional<Part> cspace, vspace;
    std::optional<Part> buffer; // source null: no buffer
    std::uintptr_t buffer_address = 0;
};

OutcomeOf<Capability> derive_root(const Slot& source, Word data) REQUIRES(lock) {
    return derive(source, data == 0 ? source.cap : update_data(false, data, source.cap));
}

/// The slot is being emptied already, by a deletion that was preempted.
bool is_being_deleted(Slot& slot) REQUIRES(lock) {
    return slot.cap.is(CapType::zombie)
           || ((slot.cap.is(CapType::cnode) || slot.cap.is(CapType::thread)) && is_final(slot));
}

Outcome decode_roots(const Invocation& invocation, Slot& croot, Slot& vroot, unsigned first_word, Space& space)
    REQUIRES(lock) {
    Tcb& tcb = target(invocation);
    if (is_being_deleted(tcb.slots[slot_cspace]) || is_being_deleted(tcb.slots[slot_vspace]))
        return illegal_operation();
    const auto cspace = derive_root(croot, invocation.word(first_word));
    if (!cspace)
        return std::unexpected(cspace.error());
    if (!cspace->is(CapType::cnode))
        return illegal_operation();
    const auto vspace = derive_root(vroot, invocation.word(first_word + 1));
    if (!vspace)
        return std::unexpected(vspace.error());
    if (!isa::is_vspace_root(*vspace))
        return illegal_operation();
    space.cspace = Space::Part{&croot, *cspace};
    space.vspace = Space::Part{&vroot, *vspace};
    return {};
}

Outcome decode_buffer(Slot& source, std::uintptr_t address, Space& space) REQUIRES(lock) {
    space.buffer = Space::Part{nullptr, {}};
    space.buffer_address = address;
    if (address == 0)
        return {};
    const auto derived = derive(source, source.cap);
    if (!derived)
        return std::unexpected(derived.error());
    if (auto good = isa::check_ipc_buffer(address, *derived); !good)
        return good;
    space.buffer = Space::Part{&source, *derived};
    return {};
}

/// Replaces what one of the thread's slots holds. The thread or the source may end on the way; then nothing is put in.
Outcome replace(Invocation& invocation, TcbSlot which, const Space::Part& part) REQUIRES(lock) {
    Tcb& tcb = target(invocation);
    const Capability thread_cap = invocation.cap();
    if (auto deleted = delete_slot(invocation.system, tcb.slots[which]); !deleted)
        return deleted;
    if (part.source && same_object(part.cap, part.source->cap) && invocation.cap() == thread_cap)
        insert_derived(part.cap, *part.source, tcb.slots[which]);
    return {};
}

/// Errors: preempted (the whole is done again).
Outcome set_space(Invocation& invocation, const Space& space) REQUIRES(lock) {
    Tcb& tcb = target(invocation);
    if (space.fault_handler)
        tcb.fault_handler = *space.fault_handler;
    if (space.cspace)
        if (auto done = replace(invocation, slot_cspace, *space.cspace); !done)
            return done;
    if (space.vspace) {
        if (auto done = replace(invocation, slot_vspace, *space.vspace); !done)
            return done;
        tcb.vspace_root.store(isa::root_word(invocation.system, tcb.slots[slot_vspace].cap));
        if (&tcb == &invocation.caller)
            reload_root(tcb);
    }
    if (space.buffer) {
        if (auto done = replace(invocation, slot_ipc_buffer, *space.buffer); !done)
            return done;
        tcb.ipc_buffer = space.buffer_address;
    }
    return {};
}

Outcome configure(Invocation& invocation) REQUIRES(lock) {
    if (invocation.length < 4 || !invocation.extra[0] || !invocation.extra[1] || !invocation.extra[2])
        return truncated_message();
    Space space;
    if (auto good = decode_buffer(*invocation.extra[2], invocation.word(3), space); !good)
        return good;
    if (auto good = decode_roots(invocation, *invocation.extra[0], *invocation.extra[1], 1, space); !good)
        return good;
    space.fault_handler = invocation.word(0);
    return set_space(invocation, space);
}

Outcome set_spaces(Invocation& invocation) REQUIRES(lock) {
    if (invocation.length < 3 || !invocation.extra[0] || !invocation.extra[1])
        return truncated_message();
    Space space;
    if (auto good = decode_roots(invocation, *invocation.extra[0], *invocation.extra[1], 1, space); !good)
        return good;
    space.fault_handler = invocation.word(0);
    return set_space(invocation, space);
}

Outcome set_ipc_buffer(Invocation& invocation) REQUIRES(lock) {
    if (invocation.length < 1 || !invocation.extra[0])
        return truncated_message();
    Space space;
    if (auto good = decode_buffer(*invocation.extra[0], invocation.word(0), space); !good)
        return good;
    return set_space(invocation, space);
}

/// A priority that the authority in the first extra capability may give. Errors: invalid_capability, range_error.
Outcome check_priority(const Invocation& invocation, Word priority) REQUIRES(lock) {
    const Capability& authority = invocation.extra[0]->cap;
    if (!authority.is(CapType::thread))
        return invalid_capability(1);
    const Word most = authority.object<Tcb>()->max_priority;
    if (priority > most)
        return range_error(0, most);
    return {};
}

Outcome set_priorities(Invocation& invocation) REQUIRES(lock) {
    const bool both = invocation.label == Label::tcb_set_sched_params;
    if (invocation.length < (both ? 2u : 1u) || !invocation.extra[0])
        return truncated_message();
    for (unsigned i = 0; i < (both ? 2u : 1u); ++i)
        if (auto good = check_priority(invocation, invocation.word(i)); !good)
            return good;
    Tcb& tcb = target(invocation);
    if (invocation.label != Label::tcb_set_priority)
        tcb.max_priority = static_cast<std::uint8_t>(invocation.word(0));
    if (invocation.label != Label::tcb_set_mc_priority)
        set_priority(tcb, static_cast<std::uint8_t>(invocation.word(both ? 1 : 0)));
    return {};
}

Outcome bind(Invocation& invocation) REQUIRES(lock) {
    if (!invocation.extra[0])
        return truncated_message();
    Tcb& tcb = target(invocation);
    const Capability& cap = invocation.extra[0]->cap;
    if (tcb.bound_notification || !cap.is(CapType::notification) || !endpoint::may(cap, right_read))
        return illegal_operation();
    Notification& notification = *cap.object<Notification>();
    if (notification.queue.head() || notification.bound)
        return illegal_operation();
    bind_notification(tcb, notification);
    return {};
}

Outcome unbind(Invocation& invocation) REQUIRES(lock) {
    Tcb& tcb = target(invocation);
    if (!tcb.bound_notification)
        return illegal_operation();
    unbind_notification(tcb);
    return {};
}

Outcome set_flags(Invocation& invocation) REQUIRES(lock) {
    if (invocation.length < 2)
        return truncated_message();
    constexpr Word fpu_disabled = 1; // seL4_TCBFlag_fpuDisabled
    Tcb& tcb = target(invocation);
    const Word flags = ((tcb.thread.fpu_forbidden ? fpu_disabled : 0) & ~invocation.word(0)) | invocation.word(1);
    tcb.thread.fpu_forbidden = flags & fpu_disabled;
    if (tcb.thread.fpu_forbidden)
        release_fpu(tcb);
    invocation.reply[0] = flags & fpu_disabled;
    invocation.reply_length = 1;
    return {};
}

Outcome set_tls_base(Invocation& invocation) REQUIRES(lock) {
    if (invocation.length < 1)
        return truncated_message();
    isa::set_tls_base(target(invocation), invocation.word(0));
    return {};
}

Outcome set_core(Invocation& invocation) REQUIRES(lock) {
    if (invocation.length < 1)
        return truncated_message();
    if (invocation.word(0) >= thread::cpu_count())
        return illegal_operation();
    set_affinity(target(invocation), static_cast<unsigned>(invocation.word(0)));
    return {};
}

Outcome decode(Invocation& invocation) REQUIRES(lock) {
    switch (invocation.label) {
    case Label::tcb_read_registers:
        return read_registers(invocation);
    case Label::tcb_write_registers:
        return write_registers(invocation);
    case Label::tcb_copy_registers:
        return copy_registers(invocation);
    case Label::tcb_configure:
        return configure(invocation);
    case Label::tcb_set_priority:
    case Label::tcb_set_mc_priority:
    case Label::tcb_set_sched_params:
        return set_priorities(invocation);
    case Label::tcb_set_ipc_buffer:
        return set_ipc_buffer(invocation);
    case Label::tcb_set_space:
        return set_spaces(invocation);
    case Label::tcb_suspend:
        suspend(target(invocation));
        return {};
    case Label::tcb_resume:
        restart(target(invocation));
        return {};
    case Label::tcb_bind_notification:
        return bind(invocation);
    case Label::tcb_unbind_notification:
        return unbind(invocation);
    case Label::tcb_set_tls_base:
        return set_tls_base(invocation);
    case Label::tcb_set_flags:
        return set_flags(invocation);
    case Label::tcb_set_affinity:
        return set_core(invocation);
    default:
        return illegal_operation();
    }
}

} // namespace

Outcome decode_tcb_invocation(Invocation& invocation) {
    Tcb& tcb = target(invocation);
    const auto stalled = stall(tcb);
    if (!stalled)
        return std::unexpected(stalled.error());
    const Capability before = invocation.cap();
    auto outcome = decode(invocation);
    if (*stalled && invocation.cap() == before)
        put_back(tcb);
    return outcome;
}

} // namespace abi::sel4
