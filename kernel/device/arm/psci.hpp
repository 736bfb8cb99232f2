#pragma once
// Power State Coordination Interface (DEN 0022), by hvc or smc as the device tree says.

#include "device/fdt.hpp"
#include "lib/result.hpp"

namespace device::psci {

/// Looks for the node; without one every call below has no effect or fails. Before anything else may want to power off.
void initialise(const Fdt& tree);

/// CPU_ON: the CPU with this MPIDR affinity starts at `entry` with `context` in x0, MMU off. Errors: no_device (no
/// PSCI), invalid_argument (no such CPU), exists (on, or starting), io (the firmware failed).
Result<> start_cpu(std::uint64_t affinity, PhysAddr entry, std::uint64_t context);

/// SYSTEM_OFF and SYSTEM_RESET; return only when there is no PSCI.
void power_off();
void reset();

} // namespace device::psci
