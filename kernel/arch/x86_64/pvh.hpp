#pragma once
// What the PVH boot protocol hands over (Xen, public/arch-x86/hvm/start_info.h and docs/misc/pvh.pandoc). Packed,
// because QEMU's loader does not align it.

#include <cstdint>

namespace arch::pvh {

struct [[gnu::packed]] StartInfo {
    static constexpr std::uint32_t expected_magic = 0x336e'c578;

    std::uint32_t magic;
    std::uint32_t version;
    std::uint32_t flags;
    std::uint32_t module_count;
    std::uint64_t modules;      // physical addresses all
    std::uint64_t command_line; // NUL-terminated
    std::uint64_t root_pointer; // ACPI RSDP
    // version 1
    std::uint64_t memory_map;
    std::uint32_t memory_map_entries;
    std::uint32_t reserved;
};
static_assert(sizeof(StartInfo) == 56);

struct [[gnu::packed]] Module {
    std::uint64_t address;
    std::uint64_t size;
    std::uint64_t command_line;
    std::uint64_t reserved;
};

struct [[gnu::packed]] MemoryEntry {
    static constexpr std::uint32_t ram = 1, reserved = 2, acpi = 3, acpi_storage = 4;

    std::uint64_t address;
    std::uint64_t size;
    std::uint32_t type; // as E820 has them
    std::uint32_t padding;
};
static_assert(sizeof(MemoryEntry) == 24);

} // namespace arch::pvh
