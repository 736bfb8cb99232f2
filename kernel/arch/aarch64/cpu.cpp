// Setting a CPU up, starting others, stopping the machine.

#include "thread/cpu.hpp"
#include "boot/secondary.hpp"
#include "device/arm/psci.hpp"
#include "device/interrupt_controller.hpp"
#include "memory/kernel_map.hpp"

#include <arch/boot.hpp>
#include <arch/clock.hpp>
#include <arch/cpu.hpp>
#include <arch/fpu.hpp>
#include <arch/page_table.hpp>

namespace arch {

extern "C" {
void secondary_entry();
extern const char overflow_stacks_start[];
extern const char overflow_stacks_end[];
// Until initialise_cpu(): so that a kernel stack overflow finds its stack from the first instruction on. TPIDR_EL1 in
// boot.S.
constinit CpuLocal boot_cpu_local{.overflow_stack = 0, .start_stack = 0};
}

namespace {

/// Kernel stacks of 4 KiB for the report of an overflow, shared by CPUs whose numbers are congruent: the kernel stops
/// anyhow.
std::uintptr_t overflow_stack(unsigned cpu_index) {
    const auto first = reinterpret_cast<std::uintptr_t>(overflow_stacks_start);
    const std::size_t count = (reinterpret_cast<std::uintptr_t>(overflow_stacks_end) - first) / page_size;
    return first + (cpu_index % count + 1) * page_size;
}

bool has_performance_monitors() {
    const std::uint64_t version = READ_REGISTER(id_aa64dfr0_el1) >> 8 & 0xf;
    return version != 0 && version != 0xf;
}

} // namespace

void prepare_boot_cpu() {
    boot_cpu_local.overflow_stack = overflow_stack(0);
}

void initialise_cpu() {
    thread::Cpu& cpu = current_cpu();
    cpu.arch.overflow_stack = overflow_stack(cpu.index);
    disable_fpu();
    constexpr std::uint64_t user_virtual_counter = 1u << 1; // EL0VCTEN: CNTVCT_EL0 and CNTFRQ_EL0, no timers
    WRITE_REGISTER(cntkctl_el1, user_virtual_counter);
    constexpr std::uint64_t trap_debug_channel = 1u << 12; // TDCC; no hardware breakpoints, no stepping
    WRITE_REGISTER(mdscr_el1, trap_debug_channel);
    WRITE_REGISTER(tpidrro_el0, 0);
    if (has_performance_monitors())
        WRITE_REGISTER(pmuserenr_el0, 0);
    stop_alarm();
    instruction_barrier();
    activate_kernel_translation();
}

Result<> start_secondary(std::uint64_t hardware_id, thread::Cpu& cpu) {
    cpu.arch.start_stack = TRY(memory::allocate_kernel_stack());
    cpu.arch.overflow_stack = overflow_stack(cpu.index);
    publish_entry_write();
    const auto started = device::psci::start_cpu(
        hardware_id, image_to_phys(reinterpret_cast<const void*>(secondary_entry)),
        reinterpret_cast<std::uintptr_t>(&cpu));
    if (!started) {
        memory::free_kernel_stack(cpu.arch.start_stack);
        cpu.arch.start_stack = 0;
    }
    return started;
}

/// From boot.S, on the start stack.
extern "C" [[noreturn]] void start_secondary_cpu(thread::Cpu& cpu) {
    activate_kernel_translation();
    boot::secondary_main(cpu);
}

void send_ipi(thread::Cpu& target) {
    device::interrupt_controller().send_ipi(target);
}

void power_off() {
    disable_interrupts();
    device::psci::power_off();
    halt();
}

void reboot() {
    disable_interrupts();
    device::psci::reset();
    halt();
}

void halt() {
    for (;;)
        asm volatile("msr daifset, #0xf\n\twfi" : : : "memory");
}

std::uint64_t random_word() {
    if ((READ_REGISTER(id_aa64isar0_el1) >> 60 & 0xf) == 0)
        return 0;
    // RNDR by its encoding; Z is set when it had nothing to give.
    std::uint64_t word = 0, given = 0;
    asm volatile("mrs %0, s3_3_c2_c4_0\n\tcset %1, ne" : "=r"(word), "=r"(given) : : "cc");
    return given ? word : 0;
}

} // namespace arch
