#pragma once
// Numbers that keep the TLB entries of address spaces apart. A space has one for life; it is flushed from all TLBs
// before the next space gets it. When none is left (or the CPU has none) a space has number 0 and every activation
// flushes.

#include <cstdint>

namespace memory {

/// 1 .. 2^arch::asid_bits() - 1, or 0: none.
std::uint16_t allocate_asid();
/// The caller has flushed it. 0 is nothing.
void free_asid(std::uint16_t asid);

} // namespace memory
