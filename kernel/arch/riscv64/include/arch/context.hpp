#pragma once
// Suspended kernel code, and the user registers that are not in the frame (none on this ISA).

#include <arch/frame.hpp>
#include <cstdint>

namespace arch {

struct KernelContext {
    std::uintptr_t stack_pointer = 0; // ra and s0..s11 lie there (psABI: the registers that calls preserve)
};

/// Code that will run entry(argument) on a fresh stack. `stack_top` is 16-byte aligned; entry never returns.
KernelContext make_kernel_context(std::uintptr_t stack_top, void (*entry)(void*), void* argument);

/// Saves this kernel context in `from` and goes on with `to`; returns when somebody switches back. Interrupts off.
extern "C" void switch_kernel_context(KernelContext& from, const KernelContext& to);

/// The same, leaving nothing behind.
extern "C" [[noreturn]] void load_kernel_context(const KernelContext& to);

/// tp, the thread pointer, is a general register here: nothing is outside the frame.
struct ThreadRegisters {};
inline void save_thread_registers(ThreadRegisters&) {}
inline void load_thread_registers(const ThreadRegisters&) {}
inline void switch_thread_registers(ThreadRegisters&, const ThreadRegisters&) {}

/// The user's thread pointer (TLS).
inline std::uintptr_t thread_pointer(const UserFrame& frame, ThreadRegisters&, [[maybe_unused]] bool running) {
    return frame[Register::tp];
}
/// `running`: the thread is the one on this CPU.
inline void
set_thread_pointer(UserFrame& frame, ThreadRegisters&, std::uintptr_t value, [[maybe_unused]] bool running) {
    frame[Register::tp] = value;
}

} // namespace arch
