#pragma once
// The other CPUs.

#include "boot/boot_info.hpp"
#include "lib/result.hpp"

namespace thread {
struct Cpu;
}

namespace boot {

/// Starts all CPUs but this one and waits until each is online. One that does not come is logged and left out.
Result<> start_secondary_cpus(BootInfo& info);

/// Where arch/ leads a CPU that start_secondary() started: interrupts off, its own boot stack, final page tables. Never
/// returns.
[[noreturn]] void secondary_main(thread::Cpu& cpu);

} // namespace boot
