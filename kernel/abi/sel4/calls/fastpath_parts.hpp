#pragma once
// What the fast paths are made of. All of it is inlined: a fast path calls nothing, so it has no stack frame.

#include "abi/sel4/object/endpoint.hpp"
#include "abi/sel4/object/tcb.hpp"
#include "thread/direct_switch.hpp"

#include <sel4_isa/root.hpp>

namespace abi::sel4::fastpath {

/// The slot of an address in the caller's CSpace. False: the slow path says why not.
[[gnu::always_inline]] inline bool find_slot(Tcb& caller, Cptr cptr, Slot*& slot) {
    const Capability* node = &caller.slots[slot_cspace].cap;
    if (cnode::is_whole(*node)) [[likely]] {
        const unsigned radix = cnode::radix(*node);
        const Word guard = cptr >> radix;
        slot = node->object<Slot>() + (cptr ^ guard << radix);
        return guard == cnode::guard(*node);
    }
    for (unsigned left = word_bits; node->is(CapType::cnode);) {
        const unsigned radix = cnode::radix(*node), guard_bits = cnode::guard_bits(*node);
        if (radix + guard_bits > left
            || (guard_bits != 0 && cptr << (word_bits - left) >> (word_bits - guard_bits) != cnode::guard(*node)))
            return false;
        left -= radix + guard_bits;
        slot = node->object<Slot>() + (cptr >> left & ((Word{1} << radix) - 1));
        if (left == 0 || !slot->cap.is(CapType::cnode))
            return true;
        node = &slot->cap;
    }
    return false;
}

/// Who waits to receive at the endpoint of an address that the caller may make calls to, and the capability there.
/// False: there is no such endpoint, or nobody waits.
[[gnu::always_inline]] inline bool find_server(Tcb& caller, Cptr cptr, Capability& cap, Tcb*& server) {
    Slot* slot;
    if (!find_slot(caller, cptr, slot)) [[unlikely]]
        return false;
    cap = slot->cap;
    if (!cap.is(CapType::endpoint) || !endpoint::may(cap, right_write)
        || !(endpoint::rights(cap) & (right_grant | right_grant_reply))) [[unlikely]]
        return false;
    const TcbQueue& queue = cap.object<Endpoint>()->queue;
    server = queue.head();
    return queue.state() == Endpoint::receiving;
}

/// Registers are enough for the message: few words, no capabilities.
[[gnu::always_inline]] inline bool is_short(MessageInfo info) {
    constexpr Word length_and_extra_caps = 0x1ff;
    return (info.word & length_and_extra_caps) <= message_register_count;
}

/// The thread may run on this CPU right now, before all that are ready.
[[gnu::always_inline]] inline bool may_run_next(const thread::Cpu& cpu, const Tcb& next) {
    return next.vspace_root.load(std::memory_order_relaxed) != 0 && thread::may_run_next(cpu, next.thread);
}

/// The message's words, and what says how many they are and who sends them.
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

/// The caller, which waits for a reply from now on, is named in the server's reply slot. A running thread has its
/// master capability and nobody who may answer it; a receiver's slot is empty.
[[gnu::always_inline]] inline void let_answer(Tcb& caller, Tcb& server) {
    caller.state = ThreadState::blocked_on_reply;
    caller.thread.state.store(thread::State::blocked, std::memory_order_relaxed);
    Slot& master = caller.slots[slot_reply];
    Slot& answer = server.slots[slot_caller];
    answer.cap = reply::make(caller.physical(), false, server.may_grant);
    answer.previous = &master;
    answer.next_and_flags = 0;
    master.set_next(&answer);
}

/// `from`, which was given its new state, is the CPU's thread no longer, `to` is.
[[gnu::always_inline]] inline void make_current(thread::Cpu& cpu, thread::Thread& from, Tcb& to) REQUIRES(lock) {
    to.state = ThreadState::running;
    thread::switch_directly(cpu, from, to.thread);
    const std::uint64_t root = to.vspace_root.load(std::memory_order_relaxed);
    if (cpu.foreign_root.load(std::memory_order_relaxed) != root) {
        cpu.foreign_root.store(root, std::memory_order_relaxed);
        isa::load_root(root);
    }
}

/// The end of a fast path.
[[gnu::always_inline, noreturn]] inline void switch_to(thread::Cpu& cpu, Tcb& from, Tcb& to) RELEASE(lock) {
    make_current(cpu, from.thread, to);
    lock.release();
    arch::restore_user_context(to.frame());
}

} // namespace abi::sel4::fastpath
