#pragma once
// A thread's control block, in untyped memory. seL4 manual 6.1 "Threads".

#include "abi/sel4/fault.hpp"
#include "abi/sel4/lock.hpp"
#include "abi/sel4/object/object_type.hpp"
#include "abi/sel4/object/slot.hpp"
#include "thread/thread.hpp"

#include <arch/fpu.hpp>
#include <array>

namespace abi::sel4 {

class System;
struct Endpoint;
struct Notification;

/// The thread's own slots.
enum TcbSlot : unsigned { slot_cspace, slot_vspace, slot_reply, slot_caller, slot_ipc_buffer, tcb_slot_count };

enum class ThreadState : std::uint8_t {
    inactive,
    running,
    restart, // as running; it makes its system call, or the faulting instruction, again
    blocked_on_receive,
    blocked_on_send,
    blocked_on_reply,
    blocked_on_notification,
};

struct Tcb {
    thread::Thread thread; // first: the vector finds it
    std::array<Slot, tcb_slot_count> slots;

    System* system = nullptr;
    ThreadState state = ThreadState::inactive;
    /// While blocked: bytes that a restart goes back, from behind the trap instruction to it. 0 for faults.
    std::uint8_t rewind = 0;
    std::uint8_t domain = 0;
    std::uint8_t max_priority = 0; // "MCP"
    std::int8_t move_to = -1;      // the CPU that it goes to when it is switched away from; -1: it stays
    // What a blocked sender is about.
    bool may_grant = false, may_grant_reply = false, is_call = false;
    Word badge = 0;                     // of the capability it sends through
    Endpoint* endpoint = nullptr;       // it waits in this one's queue
    Notification* waiting_on = nullptr; // or in this one's
    Tcb* queue_next = nullptr;
    Tcb* queue_previous = nullptr;

    /// What is loaded as the user half while it runs (isa::root_word of its VSpace); 0: nothing. Read without the lock.
    std::atomic<std::uint64_t> vspace_root{0};
    Notification* bound_notification = nullptr;
    Cptr fault_handler = 0;
    std::uintptr_t ipc_buffer = 0; // user address; 0: none
    Fault fault;                   // kind none: no fault is being handled

    // In the list of all TCBs of its system.
    Tcb* system_next = nullptr;
    Tcb* system_previous = nullptr;

    Slot& slot(TcbSlot which) { return slots[which]; }
    arch::UserFrame& frame() { return thread.own_frame; }
    Word& reg(arch::Register which) { return frame()[which]; }
    PhysAddr physical() const { return arch::virt_to_phys(this); }
    bool runnable() const { return state == ThreadState::running || state == ThreadState::restart; }
    bool blocked() const { return state >= ThreadState::blocked_on_receive; }

    static Tcb& of(thread::Thread& thread) { return reinterpret_cast<Tcb&>(thread); }
};
static_assert(sizeof(Tcb) <= 1u << isa::tcb_bits);
/// What is left of the object behind the Tcb is room for the FPU state, when it fits.
inline constexpr std::size_t tcb_fpu_offset =
    (sizeof(Tcb) + arch::fpu_state_alignment - 1) & ~(arch::fpu_state_alignment - 1);
inline constexpr std::size_t tcb_fpu_room = (1u << isa::tcb_bits) - tcb_fpu_offset;

inline Word& word(Tcb& tcb, arch::Register which) {
    return tcb.reg(which);
}

/// Where a restart would go on: the faulting or trap instruction, else the next one.
inline Word restart_pc(Tcb& tcb) {
    return tcb.frame().program_counter - (tcb.blocked() ? tcb.rewind : 0);
}
/// Both where it goes on and where it restarts.
inline void set_pc(Tcb& tcb, Word pc) {
    tcb.frame().program_counter = pc;
    tcb.rewind = 0;
}

/// The IPC buffer in the kernel's memory; null: none, not mapped with the right, or device memory. `for_writing`: the
/// thread receives.
Word* lookup_ipc_buffer(bool for_writing, Tcb& tcb) REQUIRES(lock);

/// Writes message word `index`; false: there is no room for it (no buffer).
bool set_message_word(Tcb& tcb, Word* buffer, unsigned index, Word value) REQUIRES(lock);

/// Makes a TCB of a zeroed object.
void create_tcb(System& system, Tcb* object) REQUIRES(lock);
/// The last capability is gone: the thread ends. Its slots are emptied by the caller.
void finalise_tcb(Tcb& tcb) REQUIRES(lock);

/// Its own reply slot gets the capability that those which answer it are made from.
void set_up_reply_master(Tcb& tcb) REQUIRES(lock);
/// Stops it wherever it is; a wait is given up and would be made again on resume.
void suspend(Tcb& tcb) REQUIRES(lock);
/// Lets a stopped or blocked thread go on from restart_pc().
void restart(Tcb& tcb) REQUIRES(lock);
/// Nobody runs on this user half any more, on any CPU; its tables may go. Threads that had it fault when they run.
void forget_root(System& system, std::uint64_t root) REQUIRES(lock);
/// Takes a thread out of the endpoint, notification or reply that it waits for; it is inactive afterwards.
void cancel_ipc(Tcb& tcb) REQUIRES(lock);

} // namespace abi::sel4
