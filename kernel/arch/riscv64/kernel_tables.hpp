#pragma once
// The kernel's own half, built once at boot.

#include "boot/boot_info.hpp"

namespace arch {

/// Replaces the boot mapping by the final ones: text read-execute, rodata read-only, all other RAM read-write, no page
/// below the boot stack, the vmap window, the trampoline. Boot CPU.
void map_kernel(const boot::BootInfo& info);

} // namespace arch
