// Off and again, as the ACPI tables say; then as every PC can.

#include "arch/x86_64/power.hpp"

#include "arch/x86_64/boot_map.hpp"
#include "device/acpi/machine.hpp"

#include <arch/boot.hpp>
#include <arch/cpu.hpp>
#include <arch/port_io.hpp>

namespace arch {
namespace {

using device::acpi::RegisterAddress;

// Memory-mapped ones are mapped at boot: power_off() must work at any time.
constinit volatile std::uint8_t* sleep_register = nullptr;
constinit volatile std::uint8_t* reset_register = nullptr;

volatile std::uint8_t* map_register(BootSlot slot, const RegisterAddress& where) {
    if (!where.exists() || where.space != 0)
        return nullptr;
    return static_cast<volatile std::uint8_t*>(map_at_boot(slot, {where.address}));
}

void write_register(const RegisterAddress& where, volatile std::uint8_t* mapped, std::uint8_t value) {
    if (mapped)
        *mapped = value;
    else if (where.exists() && where.space == 1)
        PortIo::write8(static_cast<std::uint16_t>(where.address), value);
}

/// SLP_TYP and SLP_EN of a PM1 control register (ACPI 4.8.3.2); the rest keeps its value.
void sleep_by_control(const RegisterAddress& control, std::uint8_t type) {
    if (!control.exists() || control.space != 1)
        return;
    constexpr std::uint16_t type_mask = 7u << 10, enable = 1u << 13;
    const auto port = static_cast<std::uint16_t>(control.address);
    const auto kept = static_cast<std::uint16_t>(PortIo::read16(port) & ~(type_mask | enable));
    PortIo::write16(port, static_cast<std::uint16_t>(kept | type << 10 | enable));
}

} // namespace

void prepare_power_registers() {
    const device::acpi::Machine* machine = device::acpi::machine();
    if (!machine)
        return;
    sleep_register = map_register(BootSlot::sleep, machine->sleep_control);
    reset_register = map_register(BootSlot::reset, machine->reset);
}

void power_off() {
    disable_interrupts();
    const device::acpi::Machine* machine = device::acpi::machine();
    if (machine && machine->soft_off) {
        const auto [type_a, type_b] = *machine->soft_off;
        if (machine->hardware_reduced) {
            constexpr std::uint8_t enable = 1u << 5; // sleep control register (ACPI 4.8.3.7): SLP_TYPx bits 2..4
            write_register(
                machine->sleep_control, sleep_register, static_cast<std::uint8_t>((type_a & 7u) << 2 | enable));
        } else {
            sleep_by_control(machine->power_control_a, type_a);
            sleep_by_control(machine->power_control_b, type_b);
        }
    }
    if (!machine) // too early to know how: a virtual machine that must not start again ends with a reset, too
        reboot();
    halt();
}

void reboot() {
    disable_interrupts();
    if (const device::acpi::Machine* machine = device::acpi::machine())
        write_register(machine->reset, reset_register, machine->reset_value);
    // The keyboard controller's pulse on the reset line, then a triple fault: an empty IDT and an interrupt.
    constexpr std::uint16_t keyboard_command = 0x64;
    constexpr std::uint8_t pulse_reset = 0xfe;
    PortIo::write8(keyboard_command, pulse_reset);
    struct [[gnu::packed]] {
        std::uint16_t limit = 0;
        std::uint64_t base = 0;
    } empty;
    asm volatile("lidt %0; int3" ::"m"(empty));
    halt();
}

} // namespace arch
