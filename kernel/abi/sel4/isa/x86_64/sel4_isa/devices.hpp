#pragma once
// Physical memory that is no RAM and that this kernel leaves alone, of the machines it runs on. A program that drives a
// device by DMA can reach all memory: none here can do that.

#include "lib/address.hpp"

#include <arch/clock.hpp>
#include <arch/firmware_tables.hpp>
#include <span>

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

/// Calls put(identifier, bytes) for each chunk of extra boot information. libsel4: bootinfo_types.h.
template <typename Put>
void for_each_boot_chunk(Put put) {
    constexpr std::uint64_t tsc_frequency = 5, hertz_per_megahertz = 1'000'000;
    const auto megahertz = static_cast<std::uint32_t>(arch::counter_frequency() / hertz_per_megahertz);
    put(tsc_frequency, std::as_bytes(std::span(&megahertz, 1)));
}

} // namespace abi::sel4::isa
