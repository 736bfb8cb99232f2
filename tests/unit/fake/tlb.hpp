#pragma once
// The fake CPU's translation look-aside buffer: never forgets an entry by itself.

#include <cstdint>
#include <optional>

namespace fake {

/// The entry that was remembered for a page of the address space with this number.
std::optional<std::uint64_t> tlb_find(std::uint16_t asid, std::uintptr_t address);
void tlb_insert(std::uint16_t asid, std::uintptr_t address, std::uint64_t entry);
void tlb_clear();

} // namespace fake
