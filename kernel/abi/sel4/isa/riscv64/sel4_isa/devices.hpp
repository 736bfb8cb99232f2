#pragma once
// Physical memory that is no RAM and that this kernel leaves alone, of the machines it runs on. A program that drives a
// device by DMA can reach all memory: none here can do that.

#include "abi/sel4/boot_chunks.hpp"
#include "lib/address.hpp"

namespace abi::sel4::isa {

/// Calls visit(PhysAddr start, PhysAddr end) for each range, ascending; whole pages.
template <typename Visit>
void for_each_spare_range(Visit visit) {
    visit(PhysAddr{0x0010'1000}, PhysAddr{0x0010'2000}); // virt: goldfish real-time clock
    visit(PhysAddr{0x2000'0000}, PhysAddr{0x2400'0000}); // virt: flash
}

/// Boot information that is this ISA's own: none.
inline void add_boot_chunks(BootChunks&) {}

} // namespace abi::sel4::isa
