#pragma once
// The user half of a seL4 thread.

#include "lib/address.hpp"

#include <cstdint>

namespace abi::sel4::isa {

/// CR3. Without process-context identifiers the write drops what the TLB holds.
inline void load_root(std::uint64_t root) {
    asm volatile("mov %0, %%cr3" : : "r"(root) : "memory");
}

/// What load_root() takes. `asid`: memory/'s number.
inline std::uint64_t make_root_word(PhysAddr root, std::uint16_t) {
    return root.value;
}

} // namespace abi::sel4::isa
