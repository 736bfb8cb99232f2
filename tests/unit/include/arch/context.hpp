#pragma once
// The fake ISA never leaves a thread: a test that blocks fails.

#include <arch/frame.hpp>
#include <cstdint>

namespace arch {

struct KernelContext {
    std::uintptr_t stack_pointer = 0;
};

KernelContext make_kernel_context(std::uintptr_t stack_top, void (*entry)(void*), void* argument);
extern "C" void switch_kernel_context(KernelContext& from, const KernelContext& to);
extern "C" [[noreturn]] void load_kernel_context(const KernelContext& to);

struct ThreadRegisters {
    std::uint64_t thread_pointer = 0;
};
inline void save_thread_registers(ThreadRegisters&) {}
inline void load_thread_registers(const ThreadRegisters&) {}
inline void switch_thread_registers(ThreadRegisters&, const ThreadRegisters&) {}
inline void set_thread_pointer(UserFrame&, ThreadRegisters& registers, std::uintptr_t value, bool) {
    registers.thread_pointer = value;
}
inline std::uintptr_t thread_pointer(const UserFrame&, ThreadRegisters& registers, bool) {
    return registers.thread_pointer;
}

} // namespace arch
