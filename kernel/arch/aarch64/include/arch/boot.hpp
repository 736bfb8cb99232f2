#pragma once
// Bringing CPUs up and the machine down.

#include "lib/result.hpp"

#include <cstdint>

namespace thread {
struct Cpu;
}

namespace arch {

/// This CPU's vectors, FPU trap, counter access. Early on each CPU, after set_current_cpu(). Interrupts off.
void initialise_cpu();

/// Starts the CPU with this MPIDR affinity; it ends in boot::secondary_main(cpu). PSCI CPU_ON. Boot CPU, no lock held.
/// Errors: no_memory, no_device (no PSCI), invalid_argument, exists (already on), io.
Result<> start_secondary(std::uint64_t hardware_id, thread::Cpu& cpu);

/// An interrupt on `target`, to trap::handle_ipi there.
void send_ipi(thread::Cpu& target);

/// PSCI SYSTEM_OFF, SYSTEM_RESET; halts this CPU where there is no PSCI.
[[noreturn]] void power_off();
[[noreturn]] void reboot();

} // namespace arch
