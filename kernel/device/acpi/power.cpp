// FADT: sleep, reset and timer registers (5.2.9); the sleep type of soft-off out of a definition block.

#include "device/acpi/table.hpp"

namespace device::acpi {
namespace {

namespace at {
constexpr std::size_t dsdt = 40, power_control_a = 64, power_control_b = 68, power_timer = 76, power_timer_length = 91,
                      flags = 112, reset = 116, reset_value = 128, long_dsdt = 140, long_power_control_a = 172,
                      long_power_control_b = 184, long_power_timer = 208, sleep_control = 244;
} // namespace at
constexpr std::uint32_t flag_reset_supported = 1u << 10, flag_hardware_reduced = 1u << 20;

/// The extended form of a register where the table has it, else the old port number.
RegisterAddress register_of(const Bytes& table, std::size_t extended, std::size_t port) {
    const RegisterAddress full = table.register_address(extended);
    if (full.exists())
        return full;
    return {
        .space = static_cast<std::uint8_t>(RegisterAddress::Space::port),
        .bit_width = 16,
        .address = table.number<std::uint32_t>(port)};
}

/// AML integer of a package element (20.2.3): ZeroOp, OneOp, or BytePrefix and a byte. Moves `offset` behind it.
std::optional<std::uint8_t> small_integer(const Bytes& block, std::size_t& offset) {
    constexpr std::uint8_t zero = 0x00, one = 0x01, byte_prefix = 0x0a;
    const auto first = block.get<std::uint8_t>(offset++);
    if (first == zero || first == one)
        return first;
    if (first == byte_prefix)
        return block.get<std::uint8_t>(offset++);
    return {};
}

} // namespace

PhysAddr dsdt_address(const Bytes& fadt) {
    const auto extended = fadt.number<std::uint64_t>(at::long_dsdt);
    return {extended != 0 ? extended : fadt.number<std::uint32_t>(at::dsdt)};
}

void read_fadt(const Bytes& table, Machine& machine) {
    const auto flags = table.number<std::uint32_t>(at::flags);
    machine.hardware_reduced = (flags & flag_hardware_reduced) != 0;
    if (flags & flag_reset_supported) {
        machine.reset = table.register_address(at::reset);
        machine.reset_value = table.number<std::uint8_t>(at::reset_value);
    }
    if (machine.hardware_reduced) {
        machine.sleep_control = table.register_address(at::sleep_control);
        return;
    }
    machine.power_control_a = register_of(table, at::long_power_control_a, at::power_control_a);
    machine.power_control_b = register_of(table, at::long_power_control_b, at::power_control_b);
    constexpr auto port_space = static_cast<std::uint8_t>(RegisterAddress::Space::port);
    const RegisterAddress timer = register_of(table, at::long_power_timer, at::power_timer);
    if (timer.exists() && timer.space == port_space && timer.address <= 0xffff
        && table.number<std::uint8_t>(at::power_timer_length) == 4)
        machine.power_timer_port = static_cast<std::uint16_t>(timer.address);
}

void read_soft_off(const Bytes& table, Machine& machine) {
    // Name (_S5_, Package () {a, b, ...}): NameOp, perhaps a root prefix, the name, PackageOp, PkgLength, count,
    // elements.
    constexpr std::uint8_t name_op = 0x08, root_prefix = '\\', package_op = 0x12;
    for (std::size_t i = header_size + 1; i + 8 < table.size(); ++i) {
        if (table.text(i, 4) != "_S5_" || table.number<std::uint8_t>(i + 4) != package_op)
            continue;
        const auto before = table.number<std::uint8_t>(i - 1);
        if (before != name_op && !(before == root_prefix && table.number<std::uint8_t>(i - 2) == name_op))
            continue;
        const std::size_t length_bytes = 1 + (std::size_t{table.number<std::uint8_t>(i + 5)} >> 6);
        std::size_t element = i + 5 + length_bytes + 1;
        const auto type_a = small_integer(table, element);
        const auto type_b = small_integer(table, element);
        if (type_a)
            machine.soft_off = {{*type_a, type_b.value_or(*type_a)}};
        return;
    }
}

} // namespace device::acpi
