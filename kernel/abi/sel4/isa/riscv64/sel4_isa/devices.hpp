#pragma once
// Physical memory that is no RAM and that this kernel leaves alone, of the machines it runs on. A program that drives a
// device by DMA can reach all memory: none here can do that.

#include "lib/address.hpp"

namespace abi::sel4::isa {

/// Calls visit(PhysAddr start, PhysAddr end) for each range, ascending; whole pages.
template <typename Visit>
void for_each_spare_range(Visit visit) {
    visit(PhysAddr{0x2000'0000}, PhysAddr{0x2400'0000}); // virt: flash
}

/// Calls put(identifier, bytes) for each chunk of extra boot information: none here, programs do without.
template <typename Put>
void for_each_boot_chunk(Put) {}

} // namespace abi::sel4::isa
