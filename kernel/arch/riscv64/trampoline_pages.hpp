#pragma once
// The trampoline page in use, for this folder.

#include "lib/address.hpp"

#include <arch/cpu.hpp>

namespace arch {

/// The copy for this machine: with or without address-space identifiers. Boot CPU, once, before any user root is made.
PhysAddr choose_trampoline();
/// Tells usertrapret where uservec and userret are.
void set_trampoline(CpuLocal& local);

} // namespace arch
