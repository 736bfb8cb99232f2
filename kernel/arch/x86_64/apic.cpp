#include "arch/x86_64/apic.hpp"

#include "arch/x86_64/boot_map.hpp"
#include "arch/x86_64/features.hpp"
#include "arch/x86_64/msr.hpp"
#include "arch/x86_64/vectors.hpp"
#include "thread/cpu.hpp"

#include <arch/boot.hpp>
#include <arch/clock.hpp>

namespace arch {
namespace {

constexpr std::uint64_t base_enable = 1u << 11, base_x2apic = 1u << 10;
constexpr std::uint32_t entry_masked = 1u << 16, timer_mode_deadline = 2u << 17, software_enable = 1u << 8;
constexpr std::uint32_t command_pending = 1u << 12;
constexpr std::uint32_t divide_by_one = 0xb;

constinit bool x2apic = false; // constant after set_apic_address()
constinit volatile std::uint32_t* registers = nullptr;

std::uint32_t x2apic_msr(ApicRegister which) {
    return msr::x2apic_first + (static_cast<std::uint32_t>(which) >> 4);
}

} // namespace

void set_apic_address(PhysAddr address) {
    x2apic = features().x2apic && (read_msr(msr::apic_base) & base_x2apic) != 0;
    if (!x2apic)
        registers = static_cast<volatile std::uint32_t*>(map_at_boot(BootSlot::local_apic, address));
}

std::uint32_t read_apic(ApicRegister which) {
    if (x2apic)
        return static_cast<std::uint32_t>(read_msr(x2apic_msr(which)));
    return registers[static_cast<std::uint32_t>(which) / 4];
}

void write_apic(ApicRegister which, std::uint32_t value) {
    if (x2apic)
        return write_msr(x2apic_msr(which), value);
    registers[static_cast<std::uint32_t>(which) / 4] = value;
}

std::uint32_t apic_id() {
    const std::uint32_t id = read_apic(ApicRegister::id);
    return x2apic ? id : id >> 24;
}

void send_apic_command(std::uint32_t target, std::uint32_t command) {
    if (x2apic) {
        asm volatile("mfence; lfence" ::: "memory"); // an MSR write does not wait for earlier stores (SDM 11.12.3)
        return write_msr(x2apic_msr(ApicRegister::command), std::uint64_t{target} << 32 | command);
    }
    // The two halves are one command: an interrupt handler in between would send its own.
    const InterruptState interrupts = save_and_disable_interrupts();
    while (read_apic(ApicRegister::command) & command_pending)
        spin_hint();
    write_apic(ApicRegister::command_high, target << 24);
    write_apic(ApicRegister::command, command);
    restore_interrupts(interrupts);
}

void initialise_apic() {
    const std::uint64_t mode = base_enable | (x2apic ? base_x2apic : 0);
    write_msr(msr::apic_base, read_msr(msr::apic_base) | mode);
    write_apic(ApicRegister::task_priority, 0);
    write_apic(ApicRegister::lint0_entry, entry_masked);
    write_apic(ApicRegister::lint1_entry, entry_masked);
    write_apic(ApicRegister::error_entry, vector::apic_error);
    write_apic(ApicRegister::timer_divide, divide_by_one);
    write_apic(ApicRegister::timer_entry, vector::timer | (features().tsc_deadline ? timer_mode_deadline : 0));
    asm volatile("mfence" ::: "memory"); // the timer's mode before its deadline register (SDM volume 3, 11.5.4.1)
    write_apic(ApicRegister::spurious_vector, software_enable | vector::spurious);
    end_of_interrupt();
}

void send_ipi(thread::Cpu& target) {
    send_apic_command(
        static_cast<std::uint32_t>(target.hardware_id), apic_command::fixed | apic_command::assert_level | vector::ipi);
}

} // namespace arch
