#pragma once
// This CPU: its data, its interrupt switch, waiting.

#include <arch/offsets.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace thread {
struct Cpu;
}

namespace arch {

struct KernelFrame;

/// At the start of thread::Cpu, which tp points to while in the kernel.
struct CpuLocal {
    std::uint64_t scratch;     // the vector's, for a moment
    std::uint64_t kernel_satp; // the active translation's full table
    std::uint64_t user_satp;   // and its isolated one
    std::uintptr_t uservec;    // trampoline addresses
    std::uintptr_t userret;
    const void* fpu_image; // memory that the FPU registers were last equal to
    bool fpu_dirty;        // they have been changed since (FS was Dirty when it was switched off)
};

register thread::Cpu* cpu_register asm("tp");

inline thread::Cpu& current_cpu() {
    return *cpu_register;
}
inline void set_current_cpu(thread::Cpu& cpu) {
    asm volatile("mv tp, %0" : : "r"(&cpu) : "memory");
}

/// SSTATUS_SIE or 0.
using InterruptState = std::uint64_t;

inline InterruptState save_and_disable_interrupts() {
    InterruptState state;
    asm volatile("csrrci %0, sstatus, %1" : "=r"(state) : "i"(SSTATUS_SIE) : "memory");
    return state & SSTATUS_SIE;
}
inline void restore_interrupts(InterruptState state) {
    asm volatile("csrs sstatus, %0" : : "r"(state) : "memory");
}
inline bool interrupts_enabled() {
    std::uint64_t status;
    asm volatile("csrr %0, sstatus" : "=r"(status) : : "memory");
    return status & SSTATUS_SIE;
}
inline void enable_interrupts() {
    asm volatile("csrsi sstatus, %0" : : "i"(SSTATUS_SIE) : "memory");
}
inline void disable_interrupts() {
    asm volatile("csrci sstatus, %0" : : "i"(SSTATUS_SIE) : "memory");
}

/// Called with interrupts off; returns when one is pending, which is taken as soon as they are enabled. (wfi goes on
/// for any interrupt that sie lets in, whatever sstatus.SIE says: privileged specification, 3.3.3. So none can be
/// lost.)
inline void wait_for_interrupt() {
    asm volatile("wfi" : : : "memory");
}
/// The Zihintpause hint; a no-op on CPUs without it.
inline void spin_hint() {
    asm volatile(".insn i 0x0f, 0, x0, x0, 0x010" : : : "memory");
}
/// Interrupts off, forever.
[[noreturn]] void halt();

/// No random number instruction that supervisor mode may use.
inline std::uint64_t random_word() {
    return 0;
}
/// As uname -m prints it.
constexpr std::string_view isa_name() {
    return "riscv64";
}

/// To the panic sink, for a kernel fault.
void print_registers(const KernelFrame& frame);

/// Writes what looks like return addresses on this stack to the panic sink.
void print_backtrace();

} // namespace arch
