#pragma once
// What the boot protocol told us, in no protocol's words. Filled by arch/<isa>, read by boot/.

#include "lib/address.hpp"
#include "lib/result.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace boot {

struct MemoryRegion {
    PhysAddr start;
    std::uint64_t size = 0; // bytes
};

struct BootInfo {
    static constexpr std::size_t max_regions = 32;
    static constexpr std::size_t max_cpus = 8;

    std::array<MemoryRegion, max_regions>
        memory{}; // usable RAM, firmware's reservations already taken out; may overlap nothing
    std::size_t memory_count = 0;
    std::array<MemoryRegion, max_regions> reserved{}; // inside `memory`: kernel image, device tree, initrd, boot tables
    std::size_t reserved_count = 0;
    MemoryRegion initrd{};                      // size 0: none
    std::string_view command_line;              // in memory that stays
    PhysAddr device_tree{};                     // 0: none
    PhysAddr acpi_rsdp{};                       // 0: none
    std::array<std::uint64_t, max_cpus> cpus{}; // hardware ids (MPIDR, hart id, APIC id); [0] is the boot CPU
    std::size_t cpu_count = 0;
    Result<> root{};                        // how unpacking the initrd went; written by the step "files"
    Result<> disk{};                        // how mounting the disk went, if there is one; written there too
    std::array<std::uint64_t, 8> entropy{}; // from the device tree's rng-seed or the CPU; zeros when there is none
};

/// The kernel after arch/<isa>/boot: interrupts off, boot CPU, final kernel page tables. Never returns.
[[noreturn]] void kernel_main(BootInfo& info);

} // namespace boot
