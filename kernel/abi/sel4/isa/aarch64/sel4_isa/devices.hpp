#pragma once
// Physical memory that is no RAM and that this kernel leaves alone, of the machines it runs on. A program that drives a
// device by DMA can reach all memory: none here can do that.

#include "lib/address.hpp"

namespace abi::sel4::isa {

/// Calls visit(PhysAddr start, PhysAddr end) for each range, ascending; whole pages.
template <typename Visit>
void for_each_spare_range(Visit visit) {
    visit(PhysAddr{0x0}, PhysAddr{0x0800'0000});         // virt: flash
    visit(PhysAddr{0x0903'0000}, PhysAddr{0x0903'1000}); // virt: PL061 GPIO
}

/// Calls put(identifier, bytes) for each chunk of extra boot information: none here, programs do without.
template <typename Put>
void for_each_boot_chunk(Put) {}

} // namespace abi::sel4::isa
