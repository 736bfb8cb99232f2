#pragma once
// This CPU.

#include <arch/registers.hpp>
#include <cstdint>
#include <string_view>

namespace thread {
struct Cpu;
}

namespace arch {

struct KernelFrame;

/// What assembly needs per CPU; the first member of thread::Cpu. TPIDR_EL1 holds the Cpu's address.
struct CpuLocal {
    std::uintptr_t overflow_stack = 0; // top of the stack on which a kernel stack overflow is reported
    std::uintptr_t start_stack = 0;    // secondary CPUs: the stack they start on
};

inline thread::Cpu& current_cpu() {
    return *reinterpret_cast<thread::Cpu*>(READ_REGISTER(tpidr_el1));
}
inline void set_current_cpu(thread::Cpu& cpu) {
    WRITE_REGISTER(tpidr_el1, reinterpret_cast<std::uintptr_t>(&cpu));
}

/// PSTATE.DAIF. Only I is ever changed in the kernel: debug exceptions, SError and FIQ stay masked there.
using InterruptState = std::uint64_t;

inline InterruptState save_and_disable_interrupts() {
    const InterruptState state = READ_REGISTER(daif);
    asm volatile("msr daifset, #2" : : : "memory");
    return state;
}
inline void restore_interrupts(InterruptState state) {
    WRITE_REGISTER(daif, state);
}
inline bool interrupts_enabled() {
    return (READ_REGISTER(daif) & (1u << 7)) == 0;
}
inline void enable_interrupts() {
    asm volatile("msr daifclr, #2" : : : "memory");
}
inline void disable_interrupts() {
    asm volatile("msr daifset, #2" : : : "memory");
}

/// Interrupts off. Returns when one is pending, which is taken as soon as they are enabled. WFI wakes on a masked
/// interrupt, so nothing is lost between the caller's look at its queues and here.
inline void wait_for_interrupt() {
    asm volatile("dsb sy\n\twfi" : : : "memory");
}
inline void spin_hint() {
    asm volatile("yield" : : : "memory");
}
/// Interrupts off, for ever.
[[noreturn]] void halt();

/// From RNDR where the CPU has FEAT_RNG, else 0.
std::uint64_t random_word();

/// As uname -m prints it.
constexpr std::string_view isa_name() {
    return "aarch64";
}

/// To the panic sink, for a kernel fault.
void print_registers(const KernelFrame& frame);
/// The return addresses on this stack, to the panic sink.
void print_backtrace();

} // namespace arch
