#pragma once
// The user half of a seL4 thread.

#include <cstdint>

namespace abi::sel4::isa {

/// satp: mode, ASID, the root's frame number. Other page tables' entries of the same ASID are gone already.
inline void load_root(std::uint64_t root) {
    asm volatile("csrw satp, %0" : : "r"(root) : "memory");
}

} // namespace abi::sel4::isa
