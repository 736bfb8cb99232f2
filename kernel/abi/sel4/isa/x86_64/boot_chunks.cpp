// The machine as its firmware describes it. libsel4: arch/bootinfo_types.h; ACPI 6.5, 5.2.5.3; Multiboot 0.6.96, 3.3.

#include "abi/sel4/boot_chunks.hpp"

#include "device/platform.hpp"

#include <arch/clock.hpp>
#include <arch/page_table.hpp>
#include <array>
#include <sel4_isa/devices.hpp>

namespace abi::sel4::isa {
namespace {

constexpr std::size_t map_entries = 50; // the chunk always has so many

struct [[gnu::packed]] MapEntry {
    static constexpr std::uint32_t ram = 1, reserved = 2;
    std::uint32_t bytes = 0; // behind this field
    std::uint64_t start = 0, length = 0;
    std::uint32_t type = 0;
};

struct [[gnu::packed]] MemoryMap {
    std::uint32_t bytes = 0; // of the entries that are used
    std::array<MapEntry, map_entries> entries;

    void add(const boot::MemoryRegion& region, std::uint32_t type) {
        const std::size_t index = bytes / sizeof(MapEntry);
        if (index == map_entries)
            return;
        entries[index] = {sizeof(MapEntry) - sizeof(std::uint32_t), region.start.value, region.size, type};
        bytes += sizeof(MapEntry);
    }
};

} // namespace

void add_boot_chunks(BootChunks& chunks) {
    constexpr std::size_t root_pointer_bytes = 36;
    constexpr std::uint64_t hertz_per_megahertz = 1'000'000;
    const boot::BootInfo& info = device::boot_info();
    if (info.acpi_rsdp != PhysAddr{})
        chunks.add(
            ChunkId::acpi_root_pointer, {arch::phys_to_virt<const std::byte>(info.acpi_rsdp), root_pointer_bytes});
    MemoryMap map;
    for (const boot::MemoryRegion& region : std::span(info.memory).first(info.memory_count))
        map.add(region, MapEntry::ram);
    for (const boot::MemoryRegion& region : arch::firmware_tables())
        map.add(region, MapEntry::reserved);
    chunks.add(ChunkId::memory_map, std::as_bytes(std::span(&map, 1)));
    const auto megahertz = static_cast<std::uint32_t>(arch::counter_frequency() / hertz_per_megahertz);
    chunks.add(ChunkId::tsc_frequency, std::as_bytes(std::span(&megahertz, 1)));
}

} // namespace abi::sel4::isa
