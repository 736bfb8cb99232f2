#pragma once
// Suspended kernel code, and the user registers that are not in the frame.

#include <cstdint>

namespace arch {

struct UserFrame;

/// Callee-saved registers (rbx rbp r12..r15 and the return address) lie on that stack.
struct KernelContext {
    std::uintptr_t stack_pointer = 0;
};

/// Code that begins as entry(argument) on the stack; entry never returns.
KernelContext make_kernel_context(std::uintptr_t stack_top, void (*entry)(void*), void* argument);
/// Interrupts off. Returns when somebody switches back to `from`.
extern "C" void switch_kernel_context(KernelContext& from, const KernelContext& to);
/// The same, leaving nothing behind.
extern "C" [[noreturn]] void load_kernel_context(const KernelContext& to);

struct ThreadRegisters {
    std::uintptr_t thread_pointer = 0; // FS base, the thread-local storage of the psABI
    std::uintptr_t gs_base = 0;
};
/// At a thread switch, interrupts off, of the thread whose user registers this CPU holds. Without FSGSBASE only the
/// kernel changes the bases, and the structure is always right.
void save_thread_registers(ThreadRegisters& registers);
void load_thread_registers(const ThreadRegisters& registers);

/// Programs may change the bases themselves (CR4.FSGSBASE). Constant after boot.
extern bool user_sets_bases;
/// Both, from the thread that ran to the one that runs next. Writing a base takes long, and most threads have the same.
inline void switch_thread_registers(ThreadRegisters& from, const ThreadRegisters& to) {
    if (user_sets_bases)
        save_thread_registers(from);
    if (from.thread_pointer != to.thread_pointer || from.gs_base != to.gs_base)
        load_thread_registers(to);
}

/// `running`: the thread is the current one, so the register changes now.
void set_thread_pointer(UserFrame& frame, ThreadRegisters& registers, std::uintptr_t value, bool running);
void set_gs_base(ThreadRegisters& registers, std::uintptr_t value, bool running);
inline std::uintptr_t thread_pointer(const UserFrame&, const ThreadRegisters& registers) {
    return registers.thread_pointer;
}

} // namespace arch
