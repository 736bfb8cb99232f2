#pragma once
// Start and end of CPUs.

#include "lib/result.hpp"

#include <cstdint>

namespace thread {
struct Cpu;
}

namespace arch {

/// Descriptor tables, system-call entry, FPU trap, SMAP and SMEP, local APIC of this CPU. Interrupts off; once per CPU.
void initialise_cpu();

/// Starts the CPU with this local APIC id; it ends in boot::secondary_main(cpu) on a stack of its own. One at a time.
/// Errors: no_memory, timed_out.
Result<> start_secondary(std::uint64_t hardware_id, thread::Cpu& cpu);

/// -> trap::handle_ipi there.
void send_ipi(thread::Cpu& target);

[[noreturn]] void power_off();
[[noreturn]] void reboot();

} // namespace arch
