#pragma once
// Address-space identifiers: a number of 16 bits that a root table has from the pool that it was assigned to. It stands
// in the capabilities of all that is mapped there, so that a stale one finds nothing. seL4 manual 7.1 "ASID Control and
// ASID Pool". What the hardware tags TLB entries with is another number, taken from memory/ when the root is used
// first.

#include "abi/sel4/lock.hpp"
#include "abi/sel4/object/slot.hpp"
#include "abi/sel4/outcome.hpp"

#include <arch/page_table.hpp>
#include <array>

namespace abi::sel4 {

class System;
struct Invocation;

inline constexpr unsigned asids_per_pool = 512, asid_low_bits = 9;

/// What a pool knows of one identifier, a word: the root table's physical address in bits 47..12, the hardware's number
/// in bits 63..48 (0: none yet), bit 0: some CPU may have used it. 0: free.
struct AsidEntry {
    std::uint64_t word = 0;

    static constexpr std::uint64_t used_flag = 1;

    bool assigned() const { return word != 0; }
    bool used() const { return word & used_flag; }
    PhysAddr root() const { return {word & 0x0000'ffff'ffff'f000}; }
    std::uint16_t hardware() const { return static_cast<std::uint16_t>(word >> 48); }
    arch::Translation translation() const { return {.root = root(), .isolated_root = {}, .asid = hardware()}; }
    std::uint64_t* table() const { return arch::phys_to_virt<std::uint64_t>(root()); }
};

/// The object: a page.
struct AsidPool {
    std::array<AsidEntry, asids_per_pool> entries;
};
static_assert(sizeof(AsidPool) == 4096);

/// The entry of an identifier; null when its pool does not exist or nothing is assigned.
AsidEntry* find_asid(System& system, std::uint16_t asid) REQUIRES(lock);

/// The root that `cap` names, by the identifier in it. Errors: failed_lookup (no such identifier), invalid_capability
/// `which` (another root has it now).
OutcomeOf<AsidEntry*> root_of(System& system, const Capability& cap, Word which) REQUIRES(lock);

/// The root is deleted, or the pool: its identifier is free again, nothing of it is in a TLB, no CPU uses the table.
void delete_asid(System& system, std::uint16_t asid, PhysAddr root) REQUIRES(lock);
/// Errors: preempted (what is left of the pool is deleted when it is tried again).
Outcome delete_asid_pool(System& system, const Capability& pool) REQUIRES(lock);

/// Drops one page, or everything, of a root from all TLBs.
void flush_page(const AsidEntry& entry, std::uintptr_t address);
void flush_all(const AsidEntry& entry);

/// Gives the root, whose capability this is, a number of the pool. The caller found it free.
void assign_asid(AsidPool& pool, std::uint16_t asid, Capability& root) REQUIRES(lock);

Outcome decode_asid_control_invocation(Invocation& invocation) REQUIRES(lock);
Outcome decode_asid_pool_invocation(Invocation& invocation) REQUIRES(lock);

/// Fields of the pool's capability: word 1 is its first identifier.
inline std::uint16_t first_asid(const Capability& pool) {
    return static_cast<std::uint16_t>(pool.words[1]);
}

} // namespace abi::sel4
