#pragma once
// The fake ISA's CPU: one, and a flag for its interrupts.

#include <cstdint>
#include <string_view>

namespace thread {
struct Cpu;
}

namespace arch {

struct KernelFrame;

struct CpuLocal {};

thread::Cpu& current_cpu();
void set_current_cpu(thread::Cpu& cpu);

using InterruptState = bool;
InterruptState save_and_disable_interrupts();
void restore_interrupts(InterruptState state);
bool interrupts_enabled();
void enable_interrupts();
void disable_interrupts();
void wait_for_interrupt();
inline void spin_hint() {}
[[noreturn]] void halt();

inline std::uint64_t random_word() {
    return 0;
}
constexpr std::string_view isa_name() {
    return "fake";
}
inline void print_backtrace() {}
inline void print_registers(const KernelFrame&) {}

} // namespace arch
