#pragma once
// The user half of a seL4 thread.

#include "lib/address.hpp"

#include <arch/registers.hpp>
#include <cstdint>

namespace abi::sel4::isa {

/// TTBR0_EL1: the root's address and the ASID.
inline void load_root(std::uint64_t root) {
    WRITE_REGISTER(ttbr0_el1, root);
    arch::instruction_barrier();
}

/// What load_root() takes. `asid`: memory/'s number.
inline std::uint64_t make_root_word(PhysAddr root, std::uint16_t asid) {
    return root.value | std::uint64_t{asid} << 48;
}

} // namespace abi::sel4::isa
