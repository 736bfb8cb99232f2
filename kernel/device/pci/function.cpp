#include "device/pci/pci.hpp"

#include "memory/kernel_map.hpp"

namespace device::pci {
namespace {

// Configuration header (PCI 3.0, 6.1)
constexpr std::uint16_t command_at = 0x04, status_at = 0x06, first_bar_at = 0x10, capabilities_at = 0x34,
                        interrupt_pin_at = 0x3d;
constexpr std::uint16_t command_ports = 1u << 0, command_memory = 1u << 1, command_master = 1u << 2,
                        command_no_pins = 1u << 10;
constexpr std::uint16_t status_has_capabilities = 1u << 4;
constexpr std::uint32_t bar_is_port = 1u << 0, bar_type_mask = 3u << 1, bar_type_64 = 2u << 1;
constexpr unsigned bar_count = 6;

// MSI-X capability (PCI 3.0, 6.8.2)
constexpr std::uint8_t msix_id = 0x11;
constexpr std::uint8_t msix_control = 2, msix_table = 4;
constexpr std::uint16_t msix_size_mask = 0x7ff, msix_mask_all = 1u << 14, msix_enable = 1u << 15;
struct MsixEntry {
    std::uint32_t address_low, address_high, data, control;
};

Host* machine_host = nullptr;

} // namespace

std::uint32_t Function::read32(std::uint16_t offset) const {
    return host_->read(address_, offset);
}
std::uint16_t Function::read16(std::uint16_t offset) const {
    return static_cast<std::uint16_t>(read32(offset & 0xfffc) >> ((offset & 2u) * 8));
}
std::uint8_t Function::read8(std::uint16_t offset) const {
    return static_cast<std::uint8_t>(read32(offset & 0xfffc) >> ((offset & 3u) * 8));
}
void Function::write32(std::uint16_t offset, std::uint32_t value) const {
    host_->write(address_, offset, value);
}
void Function::write16(std::uint16_t offset, std::uint16_t value) const {
    // Status bits are cleared by writing ones: the command's other half is written as zero.
    const unsigned shift = (offset & 2u) * 8;
    const std::uint32_t other = offset == command_at ? 0 : read32(offset & 0xfffc) & ~(0xffffu << shift);
    write32(offset & 0xfffc, other | std::uint32_t{value} << shift);
}
void Function::write8(std::uint16_t offset, std::uint8_t value) const {
    const unsigned shift = (offset & 3u) * 8;
    write32(offset & 0xfffc, (read32(offset & 0xfffc) & ~(0xffu << shift)) | std::uint32_t{value} << shift);
}

std::optional<std::uint8_t> Function::capability(std::uint8_t id, std::uint8_t after) const {
    if ((read16(status_at) & status_has_capabilities) == 0)
        return {};
    std::uint8_t at = after == 0 ? read8(capabilities_at) : read8(static_cast<std::uint16_t>(after + 1));
    constexpr int longest_list = 48; // as many as fit: a list that loops ends
    for (int i = 0; i < longest_list; ++i) {
        at &= 0xfc;
        if (at < 0x40)
            return {};
        if (read8(at) == id)
            return at;
        at = read8(static_cast<std::uint16_t>(at + 1));
    }
    return {};
}

/// The size shows in the bits that stay zero when all are written (PCI 3.0, 6.2.5.1).
Function::BarRegister Function::read_bar(unsigned index) const {
    const auto at = static_cast<std::uint16_t>(first_bar_at + index * 4);
    const std::uint32_t low = read32(at);
    const bool port = (low & bar_is_port) != 0;
    const bool wide = !port && (low & bar_type_mask) == bar_type_64 && index + 1 < bar_count;
    const std::uint32_t high = wide ? read32(at + 4) : 0;
    const std::uint32_t address_mask = port ? ~3u : ~15u;

    const std::uint16_t command = read16(command_at);
    write16(command_at, command & static_cast<std::uint16_t>(~(command_ports | command_memory)));
    write32(at, ~0u);
    std::uint64_t mask = read32(at) & address_mask;
    write32(at, low);
    if (wide) {
        write32(at + 4, ~0u);
        mask |= std::uint64_t{read32(at + 4)} << 32;
        write32(at + 4, high);
    } else if (mask != 0) {
        mask |= 0xffff'ffff'0000'0000;
    }
    write16(command_at, command);
    const std::uint64_t size = mask == 0 ? 0 : ~mask + 1;
    return {std::uint64_t{high} << 32 | (low & address_mask), port ? size & 0xffff : size, port, wide};
}

Result<Bar> Function::bar(unsigned index) const {
    if (index >= bar_count)
        return fail(Error::invalid_argument);
    const BarRegister found = read_bar(index);
    if (found.size == 0 || found.start == 0)
        return fail(Error::not_found);
    return Bar{{found.start}, found.size, found.port};
}

Result<std::uint64_t> AddressWindow::take(std::uint64_t size) {
    const std::uint64_t start = align_up(next_, size);
    if (start < next_ || start > end_ || size > end_ - start)
        return fail(Error::no_space);
    next_ = start + size;
    return start;
}

Result<> Function::place_bars(AddressWindow& window) const {
    constexpr std::uint16_t header_type_at = 0x0e;
    if ((read8(header_type_at) & 0x7f) != 0)
        return {}; // a bridge has other registers there
    Result<> all;
    for (unsigned index = 0; index < bar_count; ++index) {
        const BarRegister found = read_bar(index);
        const auto at = static_cast<std::uint16_t>(first_bar_at + index * 4);
        if (!found.port && found.size != 0 && found.start == 0) {
            if (const auto place = window.take(found.size)) {
                write32(at, static_cast<std::uint32_t>(*place) | (read32(at) & 15));
                if (found.wide)
                    write32(at + 4, static_cast<std::uint32_t>(*place >> 32));
            } else {
                all = fail(place.error());
            }
        }
        index += found.wide;
    }
    return all;
}

Result<volatile void*> Function::map_bar(unsigned index, std::uint64_t offset, std::uint64_t bytes) const {
    const Bar found = TRY(bar(index));
    if (found.port)
        return fail(Error::not_found);
    if (offset > found.size || bytes > found.size - offset)
        return fail(Error::out_of_range);
    return memory::map_device(found.start + offset, bytes);
}

void Function::enable() const {
    write16(command_at, read16(command_at) | command_memory | command_master);
}

Result<Irq> Function::allocate_message(std::uint16_t entry) const {
    const auto at = capability(msix_id);
    if (!at)
        return fail(Error::not_supported);
    const auto control_at = static_cast<std::uint16_t>(*at + msix_control);
    const std::uint16_t control = read16(control_at);
    if (entry > (control & msix_size_mask))
        return fail(Error::out_of_range);
    const std::uint32_t table = read32(static_cast<std::uint16_t>(*at + msix_table));
    volatile void* mapped = TRY(map_bar(table & 7, (table & ~7u) + entry * sizeof(MsixEntry), sizeof(MsixEntry)));
    const MessageInterrupt message = TRY(host_->allocate_message());

    write16(control_at, control | msix_enable | msix_mask_all);
    write16(command_at, read16(command_at) | command_no_pins);
    auto* row = static_cast<volatile MsixEntry*>(mapped);
    row->address_low = static_cast<std::uint32_t>(message.address);
    row->address_high = static_cast<std::uint32_t>(message.address >> 32);
    row->data = message.data;
    row->control = 0;
    write16(control_at, static_cast<std::uint16_t>((control | msix_enable) & ~msix_mask_all));
    return message.irq;
}

Result<InterruptLine> Function::pin_interrupt() const {
    const unsigned pin = read8(interrupt_pin_at);
    if (pin < 1 || pin > 4)
        return fail(Error::not_found);
    return host_->route(address_, pin);
}

Host* host() {
    return machine_host;
}
void set_host(Host& host) {
    machine_host = &host;
}

} // namespace device::pci
