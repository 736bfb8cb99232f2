#pragma once
// The user half of a seL4 thread.

#include <cstdint>

namespace abi::sel4::isa {

/// CR3. Without process-context identifiers the write drops what the TLB holds.
inline void load_root(std::uint64_t root) {
    asm volatile("mov %0, %%cr3" : : "r"(root) : "memory");
}

} // namespace abi::sel4::isa
