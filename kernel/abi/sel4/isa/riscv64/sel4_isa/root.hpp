#pragma once
// The user half of a seL4 thread.

#include "lib/address.hpp"

#include <arch/page_table.hpp>
#include <cstdint>

namespace abi::sel4::isa {

/// satp: mode, ASID, the root's frame number.
inline void load_root(std::uint64_t root) {
    arch::activate_foreign_translation(root);
}

/// What load_root() takes. `asid`: memory/'s number.
inline std::uint64_t make_root_word(PhysAddr root, std::uint16_t asid) {
    constexpr std::uint64_t sv39 = std::uint64_t{8} << 60;
    // The port gives each address space two of the hardware's numbers, the second for isolated ones.
    return sv39 | std::uint64_t{asid} * 2 << 44 | root.frame_number();
}

} // namespace abi::sel4::isa
