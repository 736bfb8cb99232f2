#include "abi/sel4/calls/fastpath.hpp"

#include "abi/sel4/object/endpoint.hpp"
#include "abi/sel4/object/tcb.hpp"
#include "abi/sel4/schedule.hpp"
#include "thread/cpu.hpp"
#include "thread/scheduler.hpp"

#include <arch/context.hpp>
#include <arch/fpu.hpp>

namespace abi::sel4 {
namespace {

/// The slot of an address in the caller's CSpace; null: the slow path says why not.
[[gnu::always_inline]] inline Slot* find_slot(Tcb& caller, Cptr cptr) {
    const Capability* node = &caller.slots[slot_cspace].cap;
    for (unsigned left = word_bits; node->is(CapType::cnode);) {
        const unsigned radix = cnode::radix(*node), guard_bits = cnode::guard_bits(*node);
        if (radix + guard_bits > left) [[unlikely]]
            return nullptr;
        if (guard_bits != 0 && cptr << (word_bits - left) >> (word_bits - guard_bits) != cnode::guard(*node))
            [[unlikely]]
            return nullptr;
        left -= radix + guard_bits;
        Slot* const slot = node->object<Slot>() + (cptr >> left & ((Word{1} << radix) - 1));
        if (left == 0 || !slot->cap.is(CapType::cnode))
            return slot;
        node = &slot->cap;
    }
    return nullptr;
}

/// Registers are enough for the message.
[[gnu::always_inline]] inline bool is_short(MessageInfo info) {
    return (info.word & 0x7f) <= message_register_count && info.extra_caps() == 0;
}

/// The thread may run on this CPU right now, before all that are ready.
[[gnu::always_inline]] inline bool may_run_next(thread::Cpu& cpu, Tcb& caller, Tcb& next) NO_THREAD_SAFETY_ANALYSIS {
    if (next.vspace_root.load(std::memory_order_relaxed) == 0 || next.thread.affinity != caller.thread.affinity
        || (next.thread.work.load(std::memory_order_relaxed) | caller.thread.work.load(std::memory_order_relaxed)) != 0)
        return false;
    if (!cpu.run_queue.has_threads()) [[likely]]
        return true;
    // Others only add to the queue, and interrupt this CPU when what they add is better.
    cpu.run_queue.lock.acquire();
    const thread::Thread* const best = cpu.run_queue.top();
    const bool good = !best || best->priority <= next.thread.priority;
    cpu.run_queue.lock.release();
    return good;
}

[[gnu::always_inline]] inline void transfer(Tcb& from, Tcb& to, MessageInfo info, Word badge) {
    const Word length = info.word & 0x7f;
    for (unsigned i = 0; i < length; ++i)
        to.reg(isa::message_registers[i]) = from.reg(isa::message_registers[i]);
    to.reg(isa::info_register) = info.word & ~Word{0xf80};
    to.reg(isa::cap_register) = badge;
}

/// Takes the first of a queue of receivers out.
[[gnu::always_inline]] inline void take_head(TcbQueue& queue, Tcb& head) {
    Tcb* const next = head.queue_next;
    if (!next) [[likely]] {
        queue = {}; // idle
        return;
    }
    queue.set_head(next);
    next->queue_previous = nullptr;
    head.queue_next = nullptr;
}

/// From one seL4 thread to another: no queue, no kernel context.
[[gnu::always_inline, noreturn]] inline void switch_to(thread::Cpu& cpu, Tcb& from, Tcb& to) NO_THREAD_SAFETY_ANALYSIS {
    to.state = ThreadState::running;
    from.thread.state.store(thread::State::blocked, std::memory_order_relaxed);
    to.thread.state.store(thread::State::running, std::memory_order_relaxed);
    to.thread.on_cpu.store(true, std::memory_order_relaxed);
    cpu.current = &to.thread;
    arch::save_thread_registers(from.thread.registers);
    arch::load_thread_registers(to.thread.registers);
    to.frame().kernel_stack = from.frame().kernel_stack;
    reload_root(to);
    if (thread::Thread* const owner = cpu.fpu_owner) {
        if (owner == &to.thread)
            arch::enable_fpu();
        else if (owner == &from.thread)
            arch::disable_fpu();
    }
    from.thread.on_cpu.store(false, std::memory_order_release);
    lock.release();
    arch::restore_user_context(to.frame());
}

} // namespace

void fastpath_call(Tcb& caller) {
    const MessageInfo info{caller.reg(isa::info_register)};
    Slot* const slot = find_slot(caller, caller.reg(isa::cap_register));
    if (!slot || !is_short(info)) [[unlikely]]
        return;
    const Capability cap = slot->cap;
    if (!cap.is(CapType::endpoint) || !endpoint::may(cap, right_write)
        || !(endpoint::rights(cap) & (right_grant | right_grant_reply))) [[unlikely]]
        return;
    Endpoint& endpoint = *cap.object<Endpoint>();
    if (endpoint.queue.state() != Endpoint::receiving) [[unlikely]]
        return;
    Tcb& server = *endpoint.queue.head();
    thread::Cpu& cpu = arch::current_cpu();
    Slot& master = caller.slots[slot_reply];
    Slot& answer = server.slots[slot_caller];
    if (server.thread.priority < caller.thread.priority || !may_run_next(cpu, caller, server) || master.next()
        || !answer.empty() || master.empty()) [[unlikely]]
        return;

    take_head(endpoint.queue, server);
    caller.state = ThreadState::blocked_on_reply;
    caller.rewind = isa::syscall_length;
    answer.cap = {
        {caller.physical().value << 16 | static_cast<std::uint64_t>(server.may_grant) << 6
             | static_cast<std::uint64_t>(CapType::reply),
         0}};
    answer.previous = &master;
    answer.next_and_flags = 0;
    master.set_next(&answer);
    transfer(caller, server, info, endpoint::badge(cap));
    switch_to(cpu, caller, server);
}

void fastpath_reply_recv(Tcb& caller) {
    const MessageInfo info{caller.reg(isa::info_register)};
    Slot* const slot = find_slot(caller, caller.reg(isa::cap_register));
    if (!slot || !is_short(info)) [[unlikely]]
        return;
    const Capability cap = slot->cap;
    if (!cap.is(CapType::endpoint) || !endpoint::may(cap, right_read)) [[unlikely]]
        return;
    Endpoint& endpoint = *cap.object<Endpoint>();
    const Notification* const bound = caller.bound_notification;
    if (endpoint.queue.state() == Endpoint::sending || (bound && bound->queue.state() == Notification::active))
        [[unlikely]]
        return;
    Slot& answer = caller.slots[slot_caller];
    if (!answer.cap.is(CapType::reply) || answer.next()) [[unlikely]]
        return;
    Tcb& client = *answer.cap.object<Tcb>();
    thread::Cpu& cpu = arch::current_cpu();
    if (client.state != ThreadState::blocked_on_reply || client.fault.kind != Fault::Kind::none
        || answer.previous != &client.slots[slot_reply] || !may_run_next(cpu, caller, client)) [[unlikely]]
        return;

    client.slots[slot_reply].set_next(nullptr);
    answer = {};
    caller.state = ThreadState::blocked_on_receive;
    caller.rewind = isa::syscall_length;
    caller.endpoint = &endpoint;
    caller.may_grant = endpoint::may(cap, right_grant);
    endpoint.queue.append(caller);
    endpoint.queue.set_state(Endpoint::receiving);
    transfer(caller, client, info, 0);
    switch_to(cpu, caller, client);
}

} // namespace abi::sel4
