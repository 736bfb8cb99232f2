#pragma once
// What each instruction set adds: frames, page tables, ASIDs, I/O ports. isa/<isa>/*.cpp fulfil this; types from
// first_isa_type on come here. All under sel4::lock.

#include "abi/sel4/invocation.hpp"
#include "abi/sel4/object/capability.hpp"
#include "abi/sel4/object/object_type.hpp"

namespace abi::sel4 {
struct Tcb;
class System;
} // namespace abi::sel4

namespace abi::sel4::isa {

/// Invocations of capabilities of the ISA's types.
Outcome decode_invocation(Invocation& invocation) REQUIRES(lock);

bool same_region(const Capability& a, const Capability& b);
bool same_object(const Capability& a, const Capability& b);
/// What a copy is: unmapped frames and the like. Errors: illegal_operation.
OutcomeOf<Capability> derive(const Slot& slot, const Capability& cap) REQUIRES(lock);
Capability mask_rights(const Capability& cap, Rights rights);
/// The capability is about to be deleted, `final`: no other names the object. Undoes mappings. Errors: preempted.
Outcome finalise(System& system, const Capability& cap, bool final) REQUIRES(lock);

/// log2 of the bytes that a capability of the ISA's types names; 0: it names no memory.
unsigned capability_bits(const Capability& cap);
/// log2 of an object's size; 0: there is no such type. `type` >= ObjectType::first_of_isa.
unsigned object_bits(Word type);
/// Device memory may hold frames only.
bool is_frame_type(Word type);
/// Makes the object in memory that is zeroed (not device memory), and its first capability.
Capability create_object(System& system, Word type, PhysAddr at, bool device) REQUIRES(lock);

/// May be a thread's VSpace: a root with an ASID.
bool is_vspace_root(const Capability& cap);
/// Errors: illegal_operation, alignment_error (as TCB_SetIPCBuffer answers).
Outcome check_ipc_buffer(std::uintptr_t address, const Capability& cap);
/// What load_root() takes for this VSpace (sel4_isa/root.hpp: root's address and the hardware's ASID in the register's
/// format); 0: it is no VSpace root, or has no ASID. Kept in Tcb::vspace_root: whoever takes a VSpace its ASID or its
/// tables calls forget_root() first (object/tcb.hpp).
std::uint64_t root_word(System& system, const Capability& vspace) REQUIRES(lock);

// The initial thread's VSpace, at boot of a system. No lock is needed yet, but held.

/// Makes `root` (a zeroed object) a VSpace with the first ASID of the first pool, which is made in `pool` (zeroed).
/// Returns the capability; `pool_cap` gets the pool's.
Capability create_boot_vspace(System& system, PhysAddr root, PhysAddr pool, Capability& pool_cap) REQUIRES(lock);
/// Puts `table` (zeroed) where the uppermost table that a page at `address` needs is missing, and returns its
/// capability; null: none is missing.
Capability map_boot_table(System& system, const Capability& vspace, std::uintptr_t address, PhysAddr table)
    REQUIRES(lock);
/// Maps a 4 KiB frame read-write-execute; its capability says so afterwards. All tables are there.
void map_boot_frame(System& system, const Capability& vspace, std::uintptr_t address, Capability& frame) REQUIRES(lock);

/// The system's threads are gone and its memory goes: what it has of the hardware (ASIDs) is given back.
void end_system(System& system) REQUIRES(lock);

// Register contexts in seL4's order (seL4_UserContext). `count` words of `registers`.
inline constexpr unsigned max_context_words = 40;
unsigned context_words(); // all there are
/// The frame registers come first in the context: those that CopyRegisters calls so.
unsigned frame_register_words();
Word read_context_word(Tcb& tcb, unsigned index) REQUIRES(lock);
/// Sanitises what user mode may not choose.
void write_context_word(Tcb& tcb, unsigned index, Word value) REQUIRES(lock);
/// After the registers of a thread changed: those that live in the CPU while it runs.
void set_tls_base(Tcb& tcb, Word value) REQUIRES(lock);
Word get_tls_base(Tcb& tcb) REQUIRES(lock);

/// Message of an unknown system call or user exception: words for the handler, and back from its reply.
unsigned write_fault_message(Tcb& tcb, Tcb& handler, Word* buffer) REQUIRES(lock);
/// From the handler's reply; true: the thread goes on.
bool read_fault_reply(Tcb& tcb, Tcb& handler, Word label, unsigned length, const Word* buffer) REQUIRES(lock);

} // namespace abi::sel4::isa
