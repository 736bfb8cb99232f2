#pragma once
// What the firmware's ACPI tables say of the machine (ACPI specification 6.5, chapter 5). The tables are the firmware's
// word: each is checked for length and sum, and a bad one counts as absent. There is no AML interpreter: from the
// DSDT come only two things that stand there as plain bytes, the sleep type of soft-off and virtio-mmio devices.

#include "device/interrupt_controller.hpp"
#include "lib/address.hpp"
#include "lib/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace device::acpi {

/// Shows `bytes` of physical memory, or null when that range cannot be shown. What it showed stays valid.
using Reader = const void* (*)(PhysAddr start, std::uint64_t bytes);

/// A fixed-capacity list; what does not fit is dropped.
template <typename T, std::size_t Capacity>
class List {
public:
    bool add(const T& item) {
        if (count_ == Capacity)
            return false;
        items_[count_++] = item;
        return true;
    }
    std::span<const T> items() const { return {items_.data(), count_}; }

private:
    std::array<T, Capacity> items_{};
    std::size_t count_ = 0;
};

/// Generic Address Structure (5.2.3.2). Address 0: there is no such register.
struct RegisterAddress {
    enum class Space : std::uint8_t { memory = 0, port = 1 };
    std::uint8_t space = 0;
    std::uint8_t bit_width = 0;
    std::uint64_t address = 0;

    bool exists() const { return address != 0 && space <= 1; }
};

struct Processor {
    std::uint32_t apic_id;
};

struct IoApic {
    PhysAddr registers;
    std::uint32_t first_line; // global system interrupt of its input 0
};

/// Where one of the 16 ISA lines really goes.
struct IsaOverride {
    std::uint8_t isa_line;
    InterruptLine line;
};

/// Memory-mapped PCI configuration space of a range of buses.
struct ConfigWindow {
    PhysAddr start; // of bus 0, even when first_bus is another
    std::uint16_t segment;
    std::uint8_t first_bus;
    std::uint8_t last_bus;
};

/// A virtio-mmio device (_HID "LNRO0005").
struct VirtioDevice {
    PhysAddr registers;
    std::uint32_t bytes;
    InterruptLine line;
};

struct Machine {
    static constexpr std::size_t max_processors = 64;

    List<Processor, max_processors> processors; // enabled ones, in the table's order
    PhysAddr local_apic{0xfee0'0000};
    List<IoApic, 8> io_apics;
    List<IsaOverride, 16> isa_overrides;
    List<ConfigWindow, 8> config_windows;
    List<VirtioDevice, 32> virtio_devices;
    std::optional<PhysAddr> hpet;
    // From the FADT
    bool hardware_reduced = false;
    std::optional<std::uint16_t> power_timer_port; // 3.579545 MHz, at least 24 bits
    RegisterAddress power_control_a, power_control_b;
    RegisterAddress sleep_control; // hardware-reduced machines
    RegisterAddress reset;
    std::uint8_t reset_value = 0;
    std::optional<std::array<std::uint8_t, 2>> soft_off; // SLP_TYPa and b of S5

    /// The line of an ISA interrupt: its override, else the same number, edge-triggered, active high.
    InterruptLine isa_line(std::uint8_t number) const;
};

/// The root pointer in the BIOS areas of a PC (5.2.5.1). Errors: not_found.
Result<PhysAddr> find_root_pointer(Reader reader);
/// Errors: not_found (no good RSDP there).
Result<Machine> read_machine(PhysAddr root_pointer, Reader reader);

/// The machine this kernel runs on; null when it has no ACPI. Set once at boot.
const Machine* machine();
void set_machine(const Machine& machine);

} // namespace device::acpi
