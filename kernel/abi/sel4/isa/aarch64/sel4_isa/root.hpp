#pragma once
// The user half of a seL4 thread.

#include <arch/registers.hpp>
#include <cstdint>

namespace abi::sel4::isa {

/// TTBR0_EL1: the root's address and the ASID.
inline void load_root(std::uint64_t root) {
    WRITE_REGISTER(ttbr0_el1, root);
    arch::instruction_barrier();
}

} // namespace abi::sel4::isa
