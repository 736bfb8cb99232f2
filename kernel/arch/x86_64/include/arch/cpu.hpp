#pragma once
// This CPU: what assembly reaches through GS, interrupts, waiting.

#include "lib/address.hpp"

#include <arch/offsets.hpp>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace thread {
struct Cpu;
}

namespace arch {

/// Task state segment in 64-bit mode (SDM volume 3, figure 8-11): only stacks are left of it.
struct [[gnu::packed]] TaskState {
    std::uint32_t reserved0;
    std::uint64_t rsp0; // behind the hardware part of the current thread's frame
    std::uint64_t rsp1, rsp2;
    std::uint64_t reserved1;
    std::uint64_t ist[7]; // ist[0] is IST1; unaligned, so no std::array
    std::uint64_t reserved2;
    std::uint16_t reserved3;
    std::uint16_t io_map_base;
};
static_assert(sizeof(TaskState) == 104);

/// One page, the only kernel data that an isolated address space can see besides its threads' frames and the IDT.
struct alignas(page_size) CpuLocal {
    static constexpr unsigned exception_stack_count = 4;

    CpuLocal* self;            // also the thread::Cpu that it begins
    std::uint64_t scratch;     // between swapgs and the stack switch
    std::uint64_t kernel_root; // CR3 for exceptions that may come at any point
    std::array<std::uint64_t, exception_stack_count>
        exception_stacks; // tops; where the handlers of the IST vectors run
    bool isolated_entry;  // which of the two system-call entries LSTAR holds
    alignas(16) TaskState tss;
    alignas(16) std::array<std::uint64_t, 10> gdt;
    std::uint32_t apic_id;
    // Translation invalidation asked for and done, see flush.cpp. Counted, so that no request is lost or answered
    // twice.
    alignas(64) std::uint64_t flush_requested;
    std::uint64_t flush_global_requested;
    std::uint64_t flush_done;
    // Where the CPU pushes the frame of an IST vector, before the handler's own stack is reached. Visible in every
    // root; GS base and root are not trusted until the entry code has set them, so the page's own address is the way
    // from such a stack to its CPU.
    alignas(
        CPU_ENTRY_STACKS) std::array<std::array<std::byte, CPU_ENTRY_STACK_SIZE>, exception_stack_count> entry_stacks;
};
static_assert(sizeof(CpuLocal) == page_size);
static_assert(offsetof(CpuLocal, self) == CPU_SELF);
static_assert(offsetof(CpuLocal, scratch) == CPU_SCRATCH);
static_assert(offsetof(CpuLocal, kernel_root) == CPU_KERNEL_ROOT);
static_assert(offsetof(CpuLocal, exception_stacks) == CPU_EXCEPTION_STACKS);
static_assert(offsetof(CpuLocal, tss) == CPU_TSS);
static_assert(offsetof(CpuLocal, gdt) == CPU_GDT);
static_assert(offsetof(CpuLocal, entry_stacks) == CPU_ENTRY_STACKS);

/// Never read: see current_cpu().
extern "C" const char cpu_may_have_changed; // NOLINT(bugprone-dynamic-static-initializers): a constant

/// The CPU that runs this. A thread may come back on another one from any call that can sleep; naming a memory operand
/// makes the compiler read GS again after each call, and lets it keep the value between calls.
inline thread::Cpu& current_cpu() {
    thread::Cpu* cpu;
    asm("movq %%gs:%c1, %0" : "=r"(cpu) : "i"(CPU_SELF), "m"(cpu_may_have_changed));
    return *cpu;
}
/// Early on each CPU, before initialise_cpu().
void set_current_cpu(thread::Cpu& cpu);

using InterruptState = std::uint64_t; // RFLAGS

inline bool interrupts_enabled() {
    std::uint64_t flags;
    asm volatile("pushfq; popq %0" : "=r"(flags)::"memory");
    return (flags & (1u << 9)) != 0;
}
inline void enable_interrupts() {
    asm volatile("sti" ::: "memory");
}
inline void disable_interrupts() {
    asm volatile("cli" ::: "memory");
}
inline InterruptState save_and_disable_interrupts() {
    std::uint64_t flags;
    asm volatile("pushfq; popq %0; cli" : "=r"(flags)::"memory");
    return flags;
}
inline void restore_interrupts(InterruptState state) {
    if (state & (1u << 9))
        enable_interrupts();
}

/// Called with interrupts off; sleeps until one was taken, and returns with interrupts off. The instruction after sti
/// runs before any interrupt, so one that comes after the caller's last look ends the hlt.
inline void wait_for_interrupt() {
    asm volatile("sti; hlt; cli" ::: "memory");
}
inline void spin_hint() {
    asm volatile("pause");
}
/// Interrupts off, forever.
[[noreturn]] void halt();

struct KernelFrame;
/// Both to the panic sink.
void print_registers(const KernelFrame& frame);
/// Return addresses found on this stack, newest first: without frame pointers some may be left over from older calls.
void print_backtrace();

/// From RDRAND; 0 when the CPU has none or it has nothing to give.
std::uint64_t random_word();

constexpr std::string_view isa_name() {
    return "x86_64";
}

} // namespace arch
