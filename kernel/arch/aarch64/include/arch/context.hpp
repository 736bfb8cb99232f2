#pragma once
// Suspended kernel code, and the user registers that the frame does not hold.

#include <arch/frame.hpp>
#include <cstdint>

namespace arch {

/// x19..x30 lie on the stack (AAPCS64: the callee-saved registers).
struct KernelContext {
    std::uintptr_t stack_pointer = 0;
};

/// A context that calls entry(argument) on an empty stack, interrupts off. `entry` must not return.
KernelContext make_kernel_context(std::uintptr_t stack_top, void (*entry)(void*), void* argument);

/// Suspends the caller in `from` and resumes `to`. Interrupts off. Returns when somebody resumes `from`.
extern "C" void switch_kernel_context(KernelContext& from, const KernelContext& to);
/// The same, leaving nothing behind.
extern "C" [[noreturn]] void load_kernel_context(const KernelContext& to);

/// User registers that change only at a thread switch.
struct ThreadRegisters {
    std::uint64_t thread_pointer = 0;    // TPIDR_EL0: TLS, writable by the program at any time
    std::uint64_t read_only_pointer = 0; // TPIDRRO_EL0: a word that only the kernel writes
};

inline void save_thread_registers(ThreadRegisters& registers) {
    asm volatile("mrs %0, tpidr_el0" : "=r"(registers.thread_pointer));
}
inline void load_thread_registers(const ThreadRegisters& registers) {
    asm volatile("msr tpidr_el0, %0\n\tmsr tpidrro_el0, %1"
                 :
                 : "r"(registers.thread_pointer), "r"(registers.read_only_pointer));
}

/// Both, from the thread that ran to the one that runs next.
inline void switch_thread_registers(ThreadRegisters& from, const ThreadRegisters& to) {
    save_thread_registers(from);
    load_thread_registers(to);
}

/// Sets the thread's TLS pointer; `running`: it is the thread on this CPU, whose register is live.
inline void set_thread_pointer(UserFrame&, ThreadRegisters& registers, std::uintptr_t value, bool running) {
    registers.thread_pointer = value;
    if (running)
        load_thread_registers(registers);
}

/// The thread's TLS pointer.
inline std::uintptr_t thread_pointer(const UserFrame&, ThreadRegisters& registers, bool running) {
    if (running)
        save_thread_registers(registers);
    return registers.thread_pointer;
}

} // namespace arch
