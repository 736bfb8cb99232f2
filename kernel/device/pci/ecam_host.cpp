// A PCI Express host bridge that a device tree describes: configuration space in memory, and nothing placed yet
// (compatible "pci-host-ecam-generic"; PCI Bus Binding to IEEE 1275, 2.2 and 2.3). Functions on bus 0; pins go where
// `interrupt-map` says, messages nowhere.

#include "device/fdt_driver.hpp"
#include "device/pci/config_access.hpp"
#include "device/pci/pci.hpp"
#include "lib/log.hpp"

#include <array>
#include <new>

namespace device::pci {
namespace {

// A PCI address in a device tree: three cells, of which the first says what space and whose.
constexpr std::uint32_t space_mask = 3u << 24, space_memory_32 = 2u << 24;
constexpr unsigned bus_shift = 16, device_shift = 11, function_shift = 8;

class EcamHost final : public Host {
public:
    EcamHost(const FdtNode& node, PhysAddr bus0, std::uint8_t first_bus, std::uint8_t last_bus)
        : node_(node), config_(bus0, first_bus, last_bus) {}

    std::uint32_t read(Address function, std::uint16_t offset) override { return config_.read(function, offset); }
    void write(Address function, std::uint16_t offset, std::uint32_t value) override {
        config_.write(function, offset, value);
    }
    Result<MessageInterrupt> allocate_message() override { return fail(Error::not_supported); }
    Result<InterruptLine> route(Address function, unsigned pin) override {
        const std::array<std::uint32_t, 4> source{
            std::uint32_t{function.bus} << bus_shift | std::uint32_t{function.device} << device_shift
                | std::uint32_t{function.function} << function_shift,
            0, 0, pin};
        const auto specifier = node_.mapped_interrupt(source);
        return specifier ? interrupt_controller().decode(specifier->span()) : fail(Error::not_supported);
    }

private:
    FdtNode node_;
    ConfigMemory config_;
};

/// The first window of `ranges` that 32-bit BARs can be placed in. Addresses on the bus are those of the CPU there.
/// Errors: not_found.
Result<AddressWindow> memory_window(const FdtNode& node) {
    constexpr std::size_t cells = 7; // PCI address 3, CPU address 2, size 2
    const auto number = [&](std::size_t at) {
        return std::uint64_t{node.cell("ranges", at).value_or(0)} << 32 | node.cell("ranges", at + 1).value_or(0);
    };
    for (std::size_t at = 0; const auto space = node.cell("ranges", at); at += cells)
        if ((*space & space_mask) == space_memory_32 && number(at + 1) == number(at + 3))
            return AddressWindow({number(at + 3)}, number(at + 5));
    return fail(Error::not_found);
}

void place(void* window, const Function& function) {
    if (function.address().bus != 0)
        return;
    if (const auto placed = function.place_bars(*static_cast<AddressWindow*>(window)); !placed)
        klog::warning(
            "pci 0:{}.{}: registers: {}", function.address().device, function.address().function, placed.error());
}

Result<> start(const FdtNode& node) {
    if (host())
        return fail(Error::exists);
    const FdtNode::Region registers = TRY(node.reg());
    AddressWindow window = TRY(memory_window(node));
    const std::uint32_t first_bus = node.cell("bus-range", 0).value_or(0),
                        last_bus = node.cell("bus-range", 1).value_or(255);
    if (first_bus != 0 || last_bus > 255 || registers.size < ConfigMemory::bytes_per_bus)
        return fail(Error::not_supported);
    const std::uint64_t buses = registers.size / ConfigMemory::bytes_per_bus;
    auto* made = new (std::nothrow)
        EcamHost(node, registers.start, 0, static_cast<std::uint8_t>(last_bus < buses ? last_bus : buses - 1));
    if (!made)
        return fail(Error::no_memory);
    set_host(*made);
    for_each_function(*made, place, &window);
    start_drivers(*made);
    return {};
}

[[gnu::section("fdt_drivers"), gnu::used, gnu::retain]] constinit const FdtDriver driver{
    "pci-host-ecam-generic", Phase::device, start};

} // namespace
} // namespace device::pci
