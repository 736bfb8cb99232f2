#pragma once
// PCI and PCI Express functions: configuration space, BARs, capabilities, interrupts (PCI Local Bus 3.0; PCI Express
// Base). The firmware has numbered the buses and placed the BARs, or nobody has and the host's driver places those of
// bus 0 (ecam_host.cpp); what was left out is not there. Boot time only, but for the interrupts that a driver keeps.
//
// A driver is a row in the section `pci_drivers` (each kernel.ld keeps it among the read-only ones):
//
//     [[gnu::section("pci_drivers"), gnu::used, gnu::retain]] constinit const pci::Driver driver{0x1af4, 0x1040,
//     0x107f, start};

#include "device/interrupt_controller.hpp"
#include "lib/address.hpp"
#include "lib/result.hpp"

#include <cstdint>
#include <optional>

namespace device::pci {

struct Address {
    std::uint8_t bus = 0;
    std::uint8_t device = 0;   // 0..31
    std::uint8_t function = 0; // 0..7
};

/// What a device writes where to raise an interrupt by message (MSI, MSI-X).
struct MessageInterrupt {
    Irq irq = 0; // for attach_interrupt(), with Trigger::edge_rising
    std::uint64_t address = 0;
    std::uint32_t data = 0;
};

/// The machine's host bridge.
class Host {
public:
    /// A naturally aligned double word of a function's configuration space; all ones where there is none.
    virtual std::uint32_t read(Address function, std::uint16_t offset) = 0;
    virtual void write(Address function, std::uint16_t offset, std::uint32_t value) = 0;
    /// Errors: no_space (none left), not_supported (this machine has none).
    virtual Result<MessageInterrupt> allocate_message() = 0;
    /// Where interrupt pin 1..4 (INTA..INTD) of a function on the root bus goes. Errors: not_supported.
    virtual Result<InterruptLine> route(Address function, unsigned pin) = 0;

protected:
    ~Host() = default;
};

struct Bar {
    PhysAddr start;
    std::uint64_t size = 0; // bytes
    bool port = false;      // I/O ports instead of memory
};

/// Addresses that a host bridge passes on, handed out upwards.
class AddressWindow {
public:
    AddressWindow(PhysAddr start, std::uint64_t size) : next_(start.value), end_(start.value + size) {}
    /// A naturally aligned piece; `size` is a power of two. Errors: no_space.
    Result<std::uint64_t> take(std::uint64_t size);

private:
    std::uint64_t next_, end_;
};

/// One function. A value.
class Function {
public:
    Function(Host& host, Address address) : host_(&host), address_(address) {}

    Address address() const { return address_; }
    bool exists() const { return vendor() != 0xffff; }
    std::uint16_t vendor() const { return read16(0x00); }
    std::uint16_t device() const { return read16(0x02); }
    std::uint8_t class_code() const { return read8(0x0b); }
    std::uint8_t subclass() const { return read8(0x0a); }
    std::uint16_t subsystem() const { return read16(0x2e); }

    std::uint8_t read8(std::uint16_t offset) const;
    std::uint16_t read16(std::uint16_t offset) const; // aligned
    std::uint32_t read32(std::uint16_t offset) const; // aligned
    void write8(std::uint16_t offset, std::uint8_t value) const;
    void write16(std::uint16_t offset, std::uint16_t value) const;
    void write32(std::uint16_t offset, std::uint32_t value) const;

    /// Offset of the first capability with this id after `after` (0: from the start); nothing when there is none.
    std::optional<std::uint8_t> capability(std::uint8_t id, std::uint8_t after = 0) const;

    /// BAR 0..5, both words when it is a 64-bit one. Decoding is switched off for the moment that sizing takes. Errors:
    /// not_found (none there, or not placed), invalid_argument.
    Result<Bar> bar(unsigned index) const;
    /// Gives every memory BAR without a place one in the window. Errors: no_space (the others have theirs).
    Result<> place_bars(AddressWindow& window) const;
    /// Registers in a memory BAR, mapped for the kernel. Errors: as bar(); out_of_range; no_memory.
    Result<volatile void*> map_bar(unsigned index, std::uint64_t offset, std::uint64_t bytes) const;

    /// Lets the function answer to its memory BARs and do DMA.
    void enable() const;

    /// One entry of the function's MSI-X table, unmasked and sent to a new interrupt; what the driver then attaches to.
    /// Errors: not_supported (no MSI-X), out_of_range (the table is shorter), no_space, no_memory.
    Result<Irq> allocate_message(std::uint16_t table_entry) const;
    /// The level-triggered line of a function without MSI-X (shared with others). Errors: not_found (it has no pin),
    /// not_supported (no way to tell).
    Result<InterruptLine> pin_interrupt() const;

private:
    struct BarRegister {
        std::uint64_t start = 0, size = 0; // size 0: none
        bool port = false, wide = false;   // wide: two words
    };
    BarRegister read_bar(unsigned index) const;

    Host* host_;
    Address address_;
};

struct Driver {
    std::uint16_t vendor;
    std::uint16_t first_device, last_device; // inclusive
    /// Starts one function. An error is logged and the function left alone. Boot CPU, interrupts off, memory allocation
    /// works.
    Result<> (*start)(const Function& function);
};

/// The machine's host bridge; null when there is none. Set once at boot.
Host* host();
void set_host(Host& host);

/// Calls visit(context, function) for every function that answers, bridges included, buses in depth-first order.
void for_each_function(Host& host, void (*visit)(void* context, const Function& function), void* context);

/// Starts every function that a driver knows.
void start_drivers(Host& host);

} // namespace device::pci
