#pragma once
// The local APIC of this CPU (SDM volume 3, chapter 11): end of interrupt, interrupts to other CPUs, the timer.
// In x2APIC mode (when the firmware left it on) its registers are MSRs, else they are memory at a fixed place.

#include "lib/address.hpp"

#include <cstdint>

namespace arch {

enum class ApicRegister : std::uint32_t { // byte offsets of the memory form
    id = 0x20,
    version = 0x30,
    task_priority = 0x80,
    end_of_interrupt = 0xb0,
    spurious_vector = 0xf0,
    error_status = 0x280,
    command = 0x300,
    command_high = 0x310,
    timer_entry = 0x320,
    thermal_entry = 0x330,
    performance_entry = 0x340,
    lint0_entry = 0x350,
    lint1_entry = 0x360,
    error_entry = 0x370,
    timer_initial = 0x380,
    timer_current = 0x390,
    timer_divide = 0x3e0,
};

/// Where the registers are. Boot CPU, before any other call here.
void set_apic_address(PhysAddr registers);
/// Enables this CPU's APIC, all local sources masked but the timer's entry.
void initialise_apic();

std::uint32_t read_apic(ApicRegister which);
void write_apic(ApicRegister which, std::uint32_t value);
inline void end_of_interrupt() {
    write_apic(ApicRegister::end_of_interrupt, 0);
}
std::uint32_t apic_id();

/// An interrupt command: delivery mode, level and vector bits as in the low half of the register.
void send_apic_command(std::uint32_t target_apic_id, std::uint32_t command);

namespace apic_command {
inline constexpr std::uint32_t fixed = 0u << 8, init = 5u << 8, startup = 6u << 8, assert_level = 1u << 14;
}

} // namespace arch
