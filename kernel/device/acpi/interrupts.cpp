// MADT: processors and interrupt controllers (5.2.12). MCFG and HPET, which are as small.

#include "device/acpi/table.hpp"

namespace device::acpi {
namespace {

constexpr std::size_t local_apic_address_at = 36, entries_at = 44;
enum class Entry : std::uint8_t {
    local_apic = 0,
    io_apic = 1,
    source_override = 2,
    local_apic_address = 5,
    local_x2apic = 9,
};
constexpr std::uint32_t processor_enabled = 1;
constexpr std::uint8_t isa_bus = 0, isa_lines = 16;

/// MPS INTI flags (table 5.26). "As the bus has it" is active high and edge for ISA.
Trigger trigger_of(std::uint16_t flags) {
    const bool active_low = (flags & 3) == 3;
    const bool level = ((flags >> 2) & 3) == 3;
    if (level)
        return active_low ? Trigger::level_low : Trigger::level_high;
    return active_low ? Trigger::edge_falling : Trigger::edge_rising;
}

void add_processor(std::uint32_t apic_id, std::uint32_t flags, Machine& machine) {
    if (flags & processor_enabled)
        machine.processors.add({apic_id});
}

void read_entry(const Bytes& entry, Machine& machine) {
    switch (static_cast<Entry>(entry.number<std::uint8_t>(0))) {
    case Entry::local_apic:
        return add_processor(entry.number<std::uint8_t>(3), entry.number<std::uint32_t>(4), machine);
    case Entry::local_x2apic:
        return add_processor(entry.number<std::uint32_t>(4), entry.number<std::uint32_t>(8), machine);
    case Entry::io_apic:
        if (entry.get<std::uint32_t>(8))
            machine.io_apics.add({{entry.number<std::uint32_t>(4)}, entry.number<std::uint32_t>(8)});
        return;
    case Entry::source_override: {
        const auto line = entry.number<std::uint8_t>(3);
        if (entry.get<std::uint16_t>(8) && entry.number<std::uint8_t>(2) == isa_bus && line < isa_lines)
            machine.isa_overrides.add(
                {line, {entry.number<std::uint32_t>(4), trigger_of(entry.number<std::uint16_t>(8))}});
        return;
    }
    case Entry::local_apic_address:
        if (const auto address = entry.get<std::uint64_t>(4))
            machine.local_apic = {*address};
        return;
    }
}

} // namespace

void read_madt(const Bytes& table, Machine& machine) {
    if (const auto address = table.get<std::uint32_t>(local_apic_address_at))
        machine.local_apic = {*address};
    for (Bytes rest = table.from(entries_at); rest.size() >= 2;) {
        const auto length = rest.number<std::uint8_t>(1);
        if (length < 2 || length > rest.size())
            return; // the rest is garbage
        read_entry(rest.first(length), machine);
        rest = rest.from(length);
    }
}

void read_mcfg(const Bytes& table, Machine& machine) {
    constexpr std::size_t first_window = 44, window_size = 16;
    for (std::size_t at = first_window; at + window_size <= table.size(); at += window_size) {
        const ConfigWindow window{
            .start = {table.number<std::uint64_t>(at)},
            .segment = table.number<std::uint16_t>(at + 8),
            .first_bus = table.number<std::uint8_t>(at + 10),
            .last_bus = table.number<std::uint8_t>(at + 11)};
        if (window.first_bus <= window.last_bus)
            machine.config_windows.add(window);
    }
}

void read_hpet(const Bytes& table, Machine& machine) {
    constexpr std::size_t address_at = 40;
    const RegisterAddress registers = table.register_address(address_at);
    if (registers.exists() && registers.space == 0)
        machine.hpet = PhysAddr{registers.address};
}

} // namespace device::acpi
