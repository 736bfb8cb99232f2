// From boot.S to boot::kernel_main, and how other harts get here.

#include "boot/secondary.hpp"

#include "kernel_tables.hpp"
#include "lib/format.hpp"
#include "lib/log.hpp"
#include "lib/log_sink.hpp"
#include "memory/kernel_map.hpp"
#include "sbi.hpp"
#include "thread/cpu.hpp"

#include <arch/boot.hpp>
#include <arch/offsets.hpp>
#include <atomic>
#include <cstddef>

using Constructor = void (*const)();
extern "C" {
void secondary_start();                                  // boot.S
extern Constructor init_array_start[], init_array_end[]; // kernel.ld
}

namespace arch {

/// What a started hart needs before it can call anything; boot.S looks its hart id up here.
struct SecondaryStart {
    std::uintptr_t stack_top = 0;
    thread::Cpu* cpu = nullptr;
    std::uint64_t hart = ~std::uint64_t{0}; // none
};
static_assert(offsetof(SecondaryStart, stack_top) == SECONDARY_START_STACK);
static_assert(offsetof(SecondaryStart, cpu) == SECONDARY_START_CPU);
static_assert(offsetof(SecondaryStart, hart) == SECONDARY_START_HART);
static_assert(sizeof(SecondaryStart) == SECONDARY_START_SIZE);
static_assert(boot::BootInfo::max_cpus == SECONDARY_START_COUNT);

extern "C" {
constinit std::array<SecondaryStart, boot::BootInfo::max_cpus> secondary_starts;
}

namespace {

constinit boot::BootInfo boot_info;

/// The firmware's console, until a UART driver has taken over.
void write_firmware_console(std::string_view text) {
    for (char character : text)
        sbi::call(sbi::Extension::legacy_putchar, 0, static_cast<unsigned char>(character));
}

} // namespace

extern "C" [[noreturn]] void boot_hart_main(std::uint64_t hart, std::uint64_t device_tree) {
    klog::set_panic_sink(write_firmware_console);
    collect_boot_info(boot_info, hart, {device_tree});
    map_kernel(boot_info);
    for (Constructor* construct = init_array_start; construct != init_array_end; ++construct)
        (*construct)();
    boot::kernel_main(boot_info);
}

extern "C" [[noreturn]] void secondary_hart_main(thread::Cpu& cpu) {
    boot::secondary_main(cpu);
}

extern "C" [[noreturn]] void report_early_trap(std::uint64_t cause, std::uint64_t pc, std::uint64_t value) {
    std::array<char, 160> line;
    klog::write_panic(
        {line.data(), format::print(line, "trap at boot: scause {:x} sepc {:x} stval {:x}\n", cause, pc, value)});
    halt();
}

Result<> start_secondary(std::uint64_t hardware_id, thread::Cpu& cpu) {
    SecondaryStart& start = secondary_starts[cpu.index];
    start = {.stack_top = TRY(memory::allocate_kernel_stack()), .cpu = &cpu, .hart = hardware_id};
    std::atomic_thread_fence(std::memory_order_seq_cst);
    const auto entry = virt_to_phys(reinterpret_cast<const void*>(&secondary_start));
    const auto result = sbi::start_hart(hardware_id, entry.value, 0);
    if (result.error == 0)
        return {};
    memory::free_kernel_stack(start.stack_top);
    start = {};
    return fail(Error::no_device);
}

} // namespace arch
