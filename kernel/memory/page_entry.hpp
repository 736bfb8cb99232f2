#pragma once
// From a mapping's rights to an entry of the page table. Used by the parts of AddressSpace.

#include "memory/frame.hpp"
#include "memory/mapping.hpp"
#include "memory/page_table.hpp"

namespace memory {

/// What an entry for a page of the mapping allows. `writable`: a write needs no further preparation; else it faults
/// even when the mapping allows it. Any right includes reading, as Linux has it on these machines.
inline PageRights entry_rights(const Mapping& mapping, bool writable) {
    PageRights rights = mapping.rights;
    rights.read = rights.read || rights.write || rights.execute;
    rights.write = rights.write && writable;
    rights.user = true;
    return rights;
}

/// The entry with these rights; parked when there are none. In a loop over frames all but the address is computed once.
inline PageTable::Entry page_entry(PageRights rights, PhysAddr frame) {
    return rights.read ? PageTable::Format::make_page(frame, rights, PageTable::leaf) : PageTable::parked(frame);
}
inline PageTable::Entry page_entry(const Mapping& mapping, PhysAddr frame, bool writable) {
    return page_entry(entry_rights(mapping, writable), frame);
}

inline bool is_writable(PageTable::Entry entry) {
    return !PageTable::is_parked(entry) && PageTable::Format::rights(entry).write;
}

/// Writes through the mapping have to be announced to its object.
inline bool object_hears_writes(const Mapping& mapping) {
    return mapping.shared && mapping.object && mapping.object->tracks_writes();
}

/// Makes instruction fetch see what the kernel wrote into the frame, once in the frame's life.
inline void synchronise_code(const Mapping& mapping, PhysAddr frame) {
    if (!mapping.rights.execute || !mapping.is_ram() || frame_of(frame).code_synchronised)
        return;
    arch::synchronise_instructions(reinterpret_cast<std::uintptr_t>(arch::phys_to_virt<void>(frame)), page_size);
    frame_of(frame).code_synchronised = true;
}

} // namespace memory
