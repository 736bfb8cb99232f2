#include "abi/sel4/object/tcb.hpp"

#include "abi/personality.hpp"
#include "abi/sel4/invocation.hpp"
#include "abi/sel4/object/cspace.hpp"
#include "abi/sel4/object/derivation.hpp"
#include "abi/sel4/object/endpoint.hpp"
#include "abi/sel4/object/interrupt.hpp"
#include "abi/sel4/object/isa_objects.hpp"
#include "abi/sel4/schedule.hpp"
#include "abi/sel4/sel4.hpp"
#include "abi/sel4/system.hpp"
#include "thread/cpu.hpp"
#include "thread/scheduler.hpp"

#include <arch/trampoline.hpp>
#include <new>

namespace abi::sel4 {

constexpr thread::Time time_slice = 10'000'000; // ns: CONFIG_TIME_SLICE 5 ticks of CONFIG_TIMER_TICK_MS 2

Word* lookup_ipc_buffer(bool for_writing, Tcb& tcb) {
    const Capability& cap = tcb.slots[slot_ipc_buffer].cap;
    if (!cap.is(CapType::frame) || frame::is_device(cap)) [[unlikely]]
        return nullptr;
    const Rights needed = for_writing ? right_read | right_write : right_read;
    if ((frame::rights(cap) & needed) != needed) [[unlikely]]
        return nullptr;
    const std::uint64_t mask = (std::uint64_t{1} << isa::frame_bits[frame::size(cap)]) - 1;
    return arch::phys_to_virt<Word>(cap.physical() + (tcb.ipc_buffer & mask));
}

bool set_message_word(Tcb& tcb, Word* buffer, unsigned index, Word value) {
    if (index < message_register_count) {
        tcb.reg(isa::message_registers[index]) = value;
        return true;
    }
    if (!buffer)
        return false;
    buffer[ipc_buffer::message + index] = value;
    return true;
}

void create_tcb(System& system, Tcb* object) {
    Tcb& tcb = *new (object) Tcb;
    thread::Thread& thread = tcb.thread;
    thread.stackless = true;
    thread.personality = &personality;
    thread.syscall = personality.syscall;
    thread.state.store(thread::State::blocked);
    thread.priority = 0;
    thread.slice_length = time_slice;
    thread.slice_left = time_slice;
    if (arch::fpu_state_size() <= tcb_fpu_room) {
        thread.fpu_state = reinterpret_cast<std::byte*>(object) + tcb_fpu_offset;
        arch::initialise_fpu_state(thread.fpu_state);
    }
    arch::initialise_user_frame(thread.own_frame, 0, 0);
    arch::bind_frame(thread.own_frame, thread, 0, {}, 0);
    bind_to_cpu(tcb, arch::current_cpu().index);
    tcb.system = &system;
    tcb.system_next = system.threads;
    if (system.threads)
        system.threads->system_previous = &tcb;
    system.threads = &tcb;
}

void finalise_tcb(Tcb& tcb) {
    unbind_notification(tcb);
    suspend(tcb);
    thread::Thread& thread = tcb.thread;
    thread::forget_fpu(thread);
    if (arch::fpu_state_size() > tcb_fpu_room)
        thread::discard_fpu(thread);
    System& system = *tcb.system;
    if (tcb.system_previous)
        tcb.system_previous->system_next = tcb.system_next;
    else if (system.threads == &tcb)
        system.threads = tcb.system_next;
    if (tcb.system_next)
        tcb.system_next->system_previous = tcb.system_previous;
    tcb.system_next = tcb.system_previous = nullptr;
    if (system.root == &tcb)
        system.root = nullptr;
}

void set_up_reply_master(Tcb& tcb) {
    Slot& slot = tcb.slots[slot_reply];
    if (slot.empty())
        insert_root(slot, reply::make(tcb.physical(), true, true), true);
}

void cancel_ipc(Tcb& tcb) {
    switch (tcb.state) {
    case ThreadState::blocked_on_send:
    case ThreadState::blocked_on_receive:
        tcb.endpoint->queue.remove(tcb);
        tcb.endpoint = nullptr;
        break;
    case ThreadState::blocked_on_notification:
        tcb.waiting_on->queue.remove(tcb);
        tcb.waiting_on = nullptr;
        break;
    case ThreadState::blocked_on_reply: {
        Slot& master = tcb.slots[slot_reply];
        Slot* const caller = master.next();
        if (caller && caller->cap.is(CapType::reply) && !reply::is_master(caller->cap)
            && caller->cap.physical() == tcb.physical())
            unlink_slot(*caller);
        break;
    }
    default:
        return;
    }
    tcb.fault.kind = Fault::Kind::none;
    tcb.state = ThreadState::inactive;
}

void suspend(Tcb& tcb) {
    if (tcb.blocked()) {
        set_pc(tcb, restart_pc(tcb));
        cancel_ipc(tcb);
    } else if (current_call.caller == &tcb && tcb.runnable()) {
        tcb.frame().program_counter -= current_call.rewind; // it stops itself: its call is not over
    }
    set_thread_state(tcb, ThreadState::inactive);
}

void restart(Tcb& tcb) {
    if (tcb.runnable())
        return;
    if (tcb.blocked()) {
        set_pc(tcb, restart_pc(tcb));
        cancel_ipc(tcb);
    }
    set_up_reply_master(tcb);
    set_thread_state(tcb, ThreadState::restart);
    possible_switch_to(tcb);
}

} // namespace abi::sel4
