#pragma once
// The kernel's own page tables, built once by the boot CPU, and the few device pages that are needed before memory/
// runs.

#include "boot/boot_info.hpp"
#include "lib/address.hpp"

#include <cstdint>
#include <span>

namespace arch {

/// Builds the final tables and switches to them: the image by its sections, the direct map of `info.memory` and of
/// `also_mapped` (firmware tables). What the tables take is added to info.reserved. Boot CPU, on the boot tables.
void build_kernel_tables(boot::BootInfo& info, std::span<const boot::MemoryRegion> also_mapped);

/// True when the direct map shows all of it.
bool in_direct_map(PhysAddr start, std::uint64_t bytes);

enum class BootSlot : std::uint8_t { local_apic, hpet, sleep, reset };
/// A page of device registers at a fixed place. Boot CPU, after build_kernel_tables().
volatile void* map_at_boot(BootSlot slot, PhysAddr registers);

/// A root for a starting CPU: the kernel, and SECONDARY_PAGE read-execute at its physical address. Below 4 GiB.
PhysAddr secondary_root();

} // namespace arch
