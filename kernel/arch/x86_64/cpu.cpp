// Descriptor tables and control registers of each CPU.

#include "thread/cpu.hpp"
#include "arch/x86_64/apic.hpp"
#include "arch/x86_64/descriptors.hpp"
#include "arch/x86_64/features.hpp"
#include "arch/x86_64/msr.hpp"
#include "arch/x86_64/vectors.hpp"

#include <arch/boot.hpp>
#include <arch/context.hpp>
#include <arch/cpu.hpp>
#include <arch/fpu.hpp>
#include <arch/frame.hpp>
#include <arch/page_table.hpp>

namespace arch {

extern "C" {
const char cpu_may_have_changed = 0;
// NOLINTBEGIN(readability-identifier-naming): the name that the study notes know
void entry_SYSCALL_64();
void entry_SYSCALL_64_trampoline();
// NOLINTEND(readability-identifier-naming)
extern const std::byte vector_entries[];
}

namespace {

// Segment descriptors (SDM volume 3, 3.4.5 and 5.2.1): in 64-bit mode only type, privilege and L count.
constexpr std::uint64_t kernel_code_descriptor = 0x00af'9b00'0000'ffff, kernel_data_descriptor = 0x00cf'9300'0000'ffff,
                        user_code_descriptor = 0x00af'fb00'0000'ffff, user_data_descriptor = 0x00cf'f300'0000'ffff;

/// The two words of a TSS descriptor (SDM volume 3, figure 8-4), not busy.
void set_task_descriptor(std::uint64_t* descriptor, const TaskState& tss) {
    const auto base = reinterpret_cast<std::uintptr_t>(&tss);
    constexpr std::uint64_t present_available_tss = 0x89;
    descriptor[0] =
        (sizeof(TaskState) - 1) | (base & 0xff'ffff) << 16 | present_available_tss << 40 | (base >> 24 & 0xff) << 56;
    descriptor[1] = base >> 32;
}

/// An interrupt gate (SDM volume 3, figure 6-8).
struct Gate {
    std::uint64_t low, high;
};
constexpr unsigned gate_count = 256;
[[gnu::section(".bss.read_only_after_boot"), gnu::aligned(page_size)]] constinit std::array<Gate, gate_count> idt{};

Gate make_gate(std::uintptr_t entry, unsigned privilege, unsigned stack) {
    constexpr std::uint64_t present_interrupt_gate = 0x8e;
    return {
        .low = (entry & 0xffff) | std::uint64_t{KERNEL_CODE_SELECTOR} << 16 | std::uint64_t{stack} << 32
               | (present_interrupt_gate | privilege << 5) << 40 | (entry >> 16 & 0xffff) << 48,
        .high = entry >> 32};
}

unsigned stack_of(unsigned vector) {
    switch (vector) {
    case vector::nmi:
        return IST_NMI;
    case vector::debug:
        return IST_DEBUG;
    case vector::machine_check:
        return IST_MACHINE_CHECK;
    case vector::double_fault:
        return IST_DOUBLE_FAULT;
    default:
        return 0;
    }
}

struct [[gnu::packed]] TablePointer {
    std::uint16_t limit;
    const void* base;
};

// The handlers' stacks of the four vectors above, on each CPU.
constexpr std::size_t exception_stack_size = 8192;
using ExceptionStack = std::array<std::byte, exception_stack_size>;
[[gnu::section(".bss.page_aligned"), gnu::aligned(page_size)]] constinit std::array<
    std::array<ExceptionStack, CpuLocal::exception_stack_count>, thread::max_cpus> exception_stacks{};

void load_descriptor_tables(CpuLocal& local) {
    local.gdt = {};
    local.gdt[KERNEL_CODE_SELECTOR / 8] = kernel_code_descriptor;
    local.gdt[KERNEL_DATA_SELECTOR / 8] = kernel_data_descriptor;
    local.gdt[USER_DATA_SELECTOR / 8] = user_data_descriptor;
    local.gdt[USER_CODE_SELECTOR / 8] = user_code_descriptor;
    set_task_descriptor(&local.gdt[TSS_SELECTOR / 8], local.tss);

    local.tss = {};
    local.tss.io_map_base = sizeof(TaskState); // none: user mode has no ports
    for (unsigned i = 0; i < CpuLocal::exception_stack_count; ++i)
        local.tss.ist[i] = reinterpret_cast<std::uintptr_t>(&local.entry_stacks[i] + 1);

    const TablePointer gdt{sizeof(local.gdt) - 1, local.gdt.data()};
    asm volatile("lgdt %0" ::"m"(gdt));
    asm volatile("pushq %0; leaq 1f(%%rip), %%rax; pushq %%rax; lretq; 1:" ::"i"(KERNEL_CODE_SELECTOR)
                 : "rax", "memory");
    asm volatile("movl %0, %%ss" ::"r"(KERNEL_DATA_SELECTOR));
    asm volatile("ltr %w0" ::"r"(TSS_SELECTOR));
}

void set_control_registers() {
    write_cr0(
        (read_cr0() & ~cr0::emulation) | cr0::monitor_coprocessor | cr0::task_switched | cr0::numeric_error
        | cr0::write_protect | cr0::alignment_mask);
    std::uint64_t value =
        cr4::physical_address_extension | cr4::page_global | cr4::fxsave | cr4::simd_exceptions | cr4::machine_check;
    const Features& cpu = features();
    value |= cpu.umip ? cr4::umip : 0;
    value |= cpu.fsgsbase ? cr4::fsgsbase : 0;
    value |= cpu.xsave ? cr4::xsave : 0;
    value |= cpu.smep ? cr4::smep : 0;
    value |= cpu.smap ? cr4::smap : 0;
    write_cr4(value);
    user_sets_bases = cpu.fsgsbase;
    if (cpu.xsave)
        asm volatile("xsetbv" ::"c"(0), "a"(static_cast<std::uint32_t>(cpu.fpu_components)), "d"(0));
}

} // namespace

void build_idt() {
    const auto entries = reinterpret_cast<std::uintptr_t>(vector_entries);
    constexpr std::uintptr_t entry_bytes = 16;
    for (unsigned i = 0; i < gate_count; ++i) {
        const bool for_programs = i == vector::breakpoint || i == vector::overflow;
        idt[i] = make_gate(entries + i * entry_bytes, for_programs ? 3 : 0, stack_of(i));
    }
}

void load_idt() {
    const TablePointer pointer{sizeof(idt) - 1, idt.data()};
    asm volatile("lidt %0" ::"m"(pointer));
}

std::span<const std::byte> idt_bytes() {
    return std::as_bytes(std::span(idt));
}

void set_system_call_entry(CpuLocal& local, bool isolated) {
    local.isolated_entry = isolated;
    write_msr(msr::lstar, reinterpret_cast<std::uintptr_t>(isolated ? entry_SYSCALL_64_trampoline : entry_SYSCALL_64));
}

void set_current_cpu(thread::Cpu& cpu) {
    cpu.arch.self = &cpu.arch;
    write_msr(msr::gs_base, reinterpret_cast<std::uintptr_t>(&cpu));
    write_msr(msr::kernel_gs_base, 0);
}

void initialise_cpu() {
    thread::Cpu& cpu = current_cpu();
    CpuLocal& local = cpu.arch;
    local.kernel_root = kernel_root().value;
    for (unsigned i = 0; i < CpuLocal::exception_stack_count; ++i)
        local.exception_stacks[i] = reinterpret_cast<std::uintptr_t>(&exception_stacks[cpu.index][i] + 1);
    load_descriptor_tables(local); // loads no data segment: GS base stays
    load_idt();
    set_control_registers();

    // sysret takes its selectors from here: SS = +8, CS = +16 (SDM volume 2, SYSRET)
    write_msr(msr::star, std::uint64_t{USER_DATA_SELECTOR - 8} << 48 | std::uint64_t{KERNEL_CODE_SELECTOR} << 32);
    write_msr(msr::cstar, 0);
    constexpr std::uint64_t cleared_at_syscall =
        flag::user_changeable | flag::interrupt | flag::io_privilege | flag::nested_task | flag::identification;
    write_msr(msr::syscall_mask, cleared_at_syscall);
    set_system_call_entry(local, false);
    initialise_apic();
    local.apic_id = apic_id();
}

[[noreturn]] void halt() {
    for (;;)
        asm volatile("cli; hlt" ::: "memory");
}

} // namespace arch
