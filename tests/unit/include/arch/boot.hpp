#pragma once
// The fake ISA is always up.

#include "lib/result.hpp"

#include <cstdint>

namespace thread {
struct Cpu;
}

namespace arch {

void initialise_cpu();
Result<> start_secondary(std::uint64_t hardware_id, thread::Cpu& cpu);
void send_ipi(thread::Cpu& target);
[[noreturn]] void power_off();
[[noreturn]] void reboot();

} // namespace arch
