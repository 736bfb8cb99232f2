// virtio-mmio devices in a definition block: a device object with the identifier "LNRO0005", whose _CRS is a buffer of
// resource descriptors (6.4). Such a buffer is plain bytes in AML, so it can be found without an interpreter.

#include "device/acpi/table.hpp"

namespace device::acpi {
namespace {

constexpr std::string_view identifier = "LNRO0005";
constexpr std::size_t longest_object = 128; // from the identifier to the end of _CRS

/// Memory32Fixed (6.4.3.4): tag, length 9, information, base, length.
std::optional<VirtioDevice> memory_at(const Bytes& block, std::size_t at) {
    if (block.number<std::uint8_t>(at) != 0x86 || block.get<std::uint16_t>(at + 1) != 9)
        return {};
    const auto bytes = block.get<std::uint32_t>(at + 8);
    if (!bytes || *bytes == 0)
        return {};
    return VirtioDevice{{block.number<std::uint32_t>(at + 4)}, *bytes, {}};
}

/// Extended interrupt (6.4.3.6) with one line: tag, length 6, flags, count, number.
std::optional<InterruptLine> interrupt_at(const Bytes& block, std::size_t at) {
    if (block.number<std::uint8_t>(at) != 0x89 || block.get<std::uint16_t>(at + 1) != 6
        || block.number<std::uint8_t>(at + 4) != 1)
        return {};
    const auto line = block.get<std::uint32_t>(at + 5);
    if (!line)
        return {};
    const auto flags = block.number<std::uint8_t>(at + 3);
    const bool edge = (flags & 2) != 0, low = (flags & 4) != 0;
    if (edge)
        return InterruptLine{*line, low ? Trigger::edge_falling : Trigger::edge_rising};
    return InterruptLine{*line, low ? Trigger::level_low : Trigger::level_high};
}

void read_object(const Bytes& object, Machine& machine) {
    std::optional<VirtioDevice> found;
    for (std::size_t at = 0; at < object.size(); ++at) {
        if (!found) {
            found = memory_at(object, at);
        } else if (const auto line = interrupt_at(object, at)) {
            found->line = *line;
            machine.virtio_devices.add(*found);
            return;
        }
    }
}

} // namespace

void read_virtio_devices(const Bytes& table, Machine& machine) {
    std::string_view rest = table.text(0, table.size());
    for (std::size_t at = rest.find(identifier); at != std::string_view::npos; at = rest.find(identifier, at + 1)) {
        const std::size_t next = rest.find(identifier, at + 1);
        const std::size_t end = next == std::string_view::npos ? rest.size() : next;
        read_object(table.from(at).first(end - at < longest_object ? end - at : longest_object), machine);
    }
}

} // namespace device::acpi
