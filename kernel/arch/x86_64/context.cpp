#include "arch/x86_64/msr.hpp"

#include <arch/context.hpp>
#include <cstdint>

namespace arch {

extern "C" void start_kernel_context(); // context.S

constinit bool user_sets_bases = false;

namespace {

/// What switch_kernel_context pops, lowest address first.
struct SavedRegisters {
    std::uint64_t r15, r14, r13, r12, rbx, rbp, return_address;
};

/// A base as the CPU takes it: loading one that is not canonical would fault here, in the kernel. It becomes 0, and the
/// fault is the program's.
constexpr std::uintptr_t loadable(std::uintptr_t base) {
    const auto upper = static_cast<std::intptr_t>(base) >> 47;
    return upper == 0 || upper == -1 ? base : 0;
}

void write_fs_base(std::uintptr_t base) {
    const std::uintptr_t value = loadable(base);
    if (user_sets_bases)
        asm volatile("wrfsbase %0" ::"r"(value) : "memory");
    else
        write_msr(msr::fs_base, value);
}

} // namespace

KernelContext make_kernel_context(std::uintptr_t stack_top, void (*entry)(void*), void* argument) {
    // After the pops and the ret the stack pointer is at stack_top, 16-byte aligned as before a call.
    auto* saved = reinterpret_cast<SavedRegisters*>(stack_top - sizeof(SavedRegisters));
    *saved = {
        .r15 = 0,
        .r14 = 0,
        .r13 = 0,
        .r12 = reinterpret_cast<std::uintptr_t>(argument),
        .rbx = reinterpret_cast<std::uintptr_t>(entry),
        .rbp = 0,
        .return_address = reinterpret_cast<std::uintptr_t>(&start_kernel_context)};
    return {reinterpret_cast<std::uintptr_t>(saved)};
}

void save_thread_registers(ThreadRegisters& registers) {
    if (!user_sets_bases)
        return;
    asm volatile("rdfsbase %0" : "=r"(registers.thread_pointer)::"memory");
    registers.gs_base = read_msr(msr::kernel_gs_base); // swapped away while the kernel runs
}

void load_thread_registers(const ThreadRegisters& registers) {
    write_fs_base(registers.thread_pointer);
    write_msr(msr::kernel_gs_base, loadable(registers.gs_base));
}

void set_thread_pointer(UserFrame&, ThreadRegisters& registers, std::uintptr_t value, bool running) {
    registers.thread_pointer = value;
    if (running)
        write_fs_base(value);
}

void set_gs_base(ThreadRegisters& registers, std::uintptr_t value, bool running) {
    registers.gs_base = value;
    if (running)
        write_msr(msr::kernel_gs_base, loadable(value));
}

} // namespace arch
