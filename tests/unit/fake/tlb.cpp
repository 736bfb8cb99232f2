#include "fake/tlb.hpp"

#include "thread/cpu.hpp"

#include <arch/page_table.hpp>
#include <map>

namespace {

using Key = std::pair<std::uint16_t, std::uintptr_t>; // address space, page
std::map<Key, std::uint64_t> entries;

} // namespace

namespace fake {

std::optional<std::uint64_t> tlb_find(std::uint16_t asid, std::uintptr_t address) {
    const auto found = entries.find({asid, address / page_size});
    return found == entries.end() ? std::nullopt : std::optional(found->second);
}

void tlb_insert(std::uint16_t asid, std::uintptr_t address, std::uint64_t entry) {
    entries[{asid, address / page_size}] = entry;
}

void tlb_clear() {
    entries.clear();
}

} // namespace fake

namespace arch {

void flush_user_page(const Translation& translation, std::uintptr_t va, const thread::CpuMask& cpus) {
    if (cpus.contains(0))
        entries.erase({translation.asid, va / page_size});
}

void flush_user_all(const Translation& translation, const thread::CpuMask& cpus) {
    if (cpus.contains(0))
        std::erase_if(entries, [&](const auto& entry) { return entry.first.first == translation.asid; });
}

} // namespace arch
