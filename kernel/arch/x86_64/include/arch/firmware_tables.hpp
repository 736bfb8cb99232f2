#pragma once
// Where the firmware left its tables.

#include "boot/boot_info.hpp"

#include <span>

namespace arch {

/// Memory that is no RAM to the kernel and holds what the firmware wrote: the first MiB, then what ACPI lies in.
std::span<const boot::MemoryRegion> firmware_tables();

} // namespace arch
