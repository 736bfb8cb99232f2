#pragma once
// Frames and page tables of the seL4 API, over the formats in arch/. Tables are objects that programs own; nothing here
// allocates. seL4 manual 7 "Address Spaces and Virtual Memory".

#include "abi/sel4/lock.hpp"
#include "abi/sel4/object/asid.hpp"
#include "abi/sel4/object/capability.hpp"
#include "memory/page_table.hpp"

namespace abi::sel4 {

struct Invocation;

using Entry = arch::PageTableFormat::Entry;

/// Where a walk from a root ended: at an entry that is no table, at the last level, or at the level that was asked for.
struct Place {
    Entry* entry;
    unsigned level;

    /// Bits of the address that were not translated yet.
    unsigned bits_left() const { return memory::PageTable::shift(level); }
    Entry load() const { return __atomic_load_n(entry, __ATOMIC_RELAXED); }
    void store(Entry to) const { __atomic_store_n(entry, to, __ATOMIC_RELEASE); }
};
Place find_place(Entry* root, std::uintptr_t address, unsigned deepest = memory::PageTable::leaf);

/// The level at which a frame of this size (frame::size) is mapped.
unsigned level_of_frame(unsigned size);
/// Is there a page or block, not a table, not nothing?
bool is_leaf(const Place& place);

/// Where the capability's frame is mapped; entry null: the capability is stale, or not mapped.
Place find_mapping(const AsidEntry& root, const Capability& frame);

/// Undoes the mapping that the capability stands for, if it is still there.
void unmap_frame(System& system, const Capability& frame) REQUIRES(lock);
/// Takes the table out of the one above it, if it is still there.
void unmap_table(System& system, const Capability& table) REQUIRES(lock);

/// No more rights than both have; write alone is nothing.
Rights mask_frame_rights(Rights has, Rights wanted);

Outcome decode_frame_invocation(Invocation& invocation) REQUIRES(lock);
Outcome decode_page_table_invocation(Invocation& invocation) REQUIRES(lock);

} // namespace abi::sel4
