// The devices of a PC: what ACPI names, what has always been at its ports, what PCI finds, and what the command line
// says (virtio-mmio of QEMU's microvm).

#include "arch/x86_64/machine.hpp"

#include "arch/x86_64/apic.hpp"
#include "arch/x86_64/vectors.hpp"
#include "device/acpi/machine.hpp"
#include "device/cmos_clock.hpp"
#include "device/ioapic/ioapic.hpp"
#include "device/ns16550/ns16550.hpp"
#include "device/pci/config_access.hpp"
#include "device/platform.hpp"
#include "device/virtio/transport.hpp"
#include "lib/log.hpp"
#include "thread/cpu.hpp"

#include <arch/port_io.hpp>
#include <new>

namespace arch {
namespace {

using device::acpi::Machine;

/// Registers of a device at consecutive I/O ports.
struct PortRegisters {
    std::uint16_t base;

    std::uint8_t read(unsigned number) const { return PortIo::read8(static_cast<std::uint16_t>(base + number)); }
    void write(unsigned number, std::uint8_t value) const {
        PortIo::write8(static_cast<std::uint16_t>(base + number), value);
    }
};

constinit device::IoApics* io_apics = nullptr;

Result<> start_interrupt_controller(const boot::BootInfo&) {
    const Machine* machine = device::acpi::machine();
    if (!machine)
        return fail(Error::no_device);
    io_apics = new (std::nothrow)
        device::IoApics(static_cast<std::uint8_t>(vector::first_device), irq_count, [] { end_of_interrupt(); });
    if (!io_apics)
        return fail(Error::no_memory);
    for (const device::acpi::IoApic& chip : machine->io_apics.items())
        TRY(io_apics->add(chip.registers, chip.first_line));
    device::set_interrupt_controller(*io_apics);
    return {};
}

device::InterruptLine isa_line(std::uint8_t number) {
    const Machine* machine = device::acpi::machine();
    return machine ? machine->isa_line(number) : device::InterruptLine{number, device::Trigger::edge_rising};
}

/// COM1, when the scratch register there keeps what is written.
Result<> start_console() {
    constexpr std::uint16_t com1 = 0x3f8;
    constexpr std::uint8_t com1_line = 4, probe = 0x5a;
    constexpr unsigned scratch = 7;
    const PortRegisters registers{com1};
    registers.write(scratch, probe);
    if (registers.read(scratch) != probe)
        return {};
    auto* uart = new (std::nothrow) device::ns16550::Ns16550<PortRegisters>(registers);
    if (!uart)
        return fail(Error::no_memory);
    device::set_console_uart(*uart);
    return uart->start(isa_line(com1_line));
}

void start_clock() {
    static constinit device::CmosClock<PortIo> clock;
    constexpr std::uint16_t index_port = 0x70, data_port = 0x71;
    constexpr std::uint8_t status_d = 0x0d, valid = 0x80;
    PortIo::write8(index_port, status_d);
    const std::uint8_t status = PortIo::read8(data_port);
    if (status != 0xff && (status & valid) != 0) // without a chip the port reads as ones
        device::set_real_time_clock(clock);
}

/// Message interrupts come by the local APICs; where pins go depends on the chipset.
class HostInterrupts : public device::pci::Host {
public:
    Result<device::pci::MessageInterrupt> allocate_message() override {
        return io_apics->allocate_message(current_cpu());
    }
    Result<device::InterruptLine> route(device::pci::Address function, unsigned pin) override {
        // QEMU's q35, hw/i386/acpi-build.c: slots 0..23 of bus 0 rotate through PIRQ E..H, which are lines 20..23.
        constexpr std::uint32_t q35_host_bridge = 0x29c0'8086;
        if (function.bus != 0 || function.device >= 24 || read({0, 0, 0}, 0) != q35_host_bridge)
            return fail(Error::not_supported);
        return device::InterruptLine{20 + ((function.device + pin - 1) & 3), device::Trigger::level_high};
    }

protected:
    ~HostInterrupts() = default;
};

template <typename Config>
class PcHost final : public HostInterrupts {
public:
    template <typename... Args>
    explicit PcHost(Args... args) : config_(args...) {}
    std::uint32_t read(device::pci::Address function, std::uint16_t offset) override {
        return config_.read(function, offset);
    }
    void write(device::pci::Address function, std::uint16_t offset, std::uint32_t value) override {
        config_.write(function, offset, value);
    }

private:
    Config config_;
};

/// By memory where ACPI says so. Without that, by ports, but only where something answers: microvm has no PCI at all.
device::pci::Host* make_host() {
    if (const Machine* machine = device::acpi::machine())
        for (const device::acpi::ConfigWindow& window : machine->config_windows.items())
            if (window.segment == 0)
                return new (std::nothrow)
                    PcHost<device::pci::ConfigMemory>(window.start, window.first_bus, window.last_bus);
    using Ports = PcHost<device::pci::ConfigPorts<PortIo>>;
    static constexpr std::uint16_t address_port = 0xcf8;
    constexpr std::uint32_t probe = 0x8000'0000;
    PortIo::write32(address_port, probe);
    return PortIo::read32(address_port) == probe ? new (std::nothrow) Ports() : nullptr;
}

/// What the DSDT describes, or, on a microvm without ACPI, the command line.
void start_virtio_devices(const boot::BootInfo& info) {
    if (const Machine* machine = device::acpi::machine())
        for (const device::acpi::VirtioDevice& found : machine->virtio_devices.items())
            if (const auto started = device::virtio::start_mmio_device(found.registers, found.bytes, found.line);
                !started)
                klog::error("virtio-mmio at {:x}: {}", found.registers, started.error());
    device::virtio::start_mmio_devices(info.command_line);
}

void start_devices(const boot::BootInfo& info) {
    if (const auto console = start_console(); !console)
        klog::error("COM1: {}", console.error());
    start_clock();
    if (device::pci::Host* host = make_host()) {
        device::pci::set_host(*host);
        device::pci::start_drivers(*host);
    }
    start_virtio_devices(info);
}

constexpr device::Platform platform{start_interrupt_controller, start_devices};

} // namespace

void announce_machine() {
    device::set_platform(platform);
}

} // namespace arch
