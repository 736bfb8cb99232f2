#pragma once
// Physical memory that is no RAM and that this kernel leaves alone, of the machines it runs on. A program that drives a
// device by DMA can reach all memory: none here can do that.

#include "abi/sel4/boot_chunks.hpp"
#include "lib/address.hpp"

#include <arch/firmware_tables.hpp>

namespace abi::sel4::isa {

/// Calls visit(PhysAddr start, PhysAddr end) for each range, ascending; whole pages.
template <typename Visit>
void for_each_spare_range(Visit visit) {
    constexpr std::uint64_t first_mebibyte = 0x10'0000;
    visit(PhysAddr{0xe'0000}, PhysAddr{first_mebibyte}); // the BIOS, where its ACPI root pointer is looked for
    for (const boot::MemoryRegion& tables : arch::firmware_tables())
        if (tables.start.value >= first_mebibyte)
            visit(
                PhysAddr{align_down(tables.start.value, page_size)},
                PhysAddr{align_up(tables.start.value + tables.size, page_size)});
    visit(PhysAddr{0xfed0'0000}, PhysAddr{0xfed0'1000}); // HPET
}

/// Boot information that is this ISA's own: ACPI's root pointer, the memory map, the frequency of the time-stamp
/// counter.
void add_boot_chunks(BootChunks& chunks);

} // namespace abi::sel4::isa
