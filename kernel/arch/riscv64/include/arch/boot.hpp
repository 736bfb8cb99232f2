#pragma once
// Starting and stopping CPUs and the machine.

#include "boot/boot_info.hpp"
#include "lib/result.hpp"

#include <cstdint>

namespace thread {
struct Cpu;
}

namespace arch {

/// Per CPU, early: vectors, user access to counters, FPU off, interrupt sources. Needs current_cpu().
void initialise_cpu();

/// Starts a stopped hart; it ends in boot::secondary_main(cpu). Errors: no_memory (its stack), no_device (the firmware
/// refuses).
Result<> start_secondary(std::uint64_t hardware_id, thread::Cpu& cpu);

/// -> trap::handle_ipi there.
void send_ipi(thread::Cpu& target);

[[noreturn]] void power_off();
[[noreturn]] void reboot();

/// Fills in what the device tree says: memory, what is taken of it, initrd, command line, harts.
void collect_boot_info(boot::BootInfo& info, std::uint64_t boot_hart, PhysAddr device_tree);

} // namespace arch
