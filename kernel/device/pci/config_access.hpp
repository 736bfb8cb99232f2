#pragma once
// The two ways to configuration space: by memory, and on a PC by ports.

#include "device/pci/pci.hpp"
#include "lib/spinlock.hpp"
#include "memory/kernel_map.hpp"

#include <array>

namespace device::pci {

/// Enhanced configuration access: 4 KiB of memory per function (PCI Express Base 7.2.2), mapped bus by bus when first
/// read.
class ConfigMemory {
public:
    static constexpr std::uint64_t bytes_per_bus = 1 << 20;

    ConfigMemory(PhysAddr bus0, std::uint8_t first_bus, std::uint8_t last_bus)
        : bus0_(bus0), first_bus_(first_bus), last_bus_(last_bus) {}

    std::uint32_t read(Address function, std::uint16_t offset) {
        volatile std::uint32_t* word = find(function, offset);
        return word ? *word : ~0u;
    }
    void write(Address function, std::uint16_t offset, std::uint32_t value) {
        if (volatile std::uint32_t* word = find(function, offset))
            *word = value;
    }

private:
    static constexpr std::uint64_t bytes_per_function = 4096;

    volatile std::uint32_t* find(Address function, std::uint16_t offset) {
        if (function.bus < first_bus_ || function.bus > last_bus_ || offset >= bytes_per_function)
            return nullptr;
        volatile std::byte*& bus = buses_[function.bus];
        if (!bus) {
            const auto mapped = memory::map_device(bus0_ + function.bus * bytes_per_bus, bytes_per_bus);
            if (!mapped)
                return nullptr;
            bus = static_cast<volatile std::byte*>(*mapped);
        }
        const std::uint64_t number = function.device * 8u + function.function;
        return reinterpret_cast<volatile std::uint32_t*>(bus + number * bytes_per_function + offset);
    }

    PhysAddr bus0_;
    std::uint8_t first_bus_, last_bus_;
    std::array<volatile std::byte*, 256> buses_{};
};

/// Configuration mechanism #1 (PCI 3.0, 3.2.2.3.2): an address port and a data port. `Ports` reaches I/O ports.
template <typename Ports>
class ConfigPorts {
public:
    std::uint32_t read(Address function, std::uint16_t offset) {
        SpinlockGuard guard(lock_);
        if (!select(function, offset))
            return ~0u;
        return Ports::read32(data_port);
    }
    void write(Address function, std::uint16_t offset, std::uint32_t value) {
        SpinlockGuard guard(lock_);
        if (select(function, offset))
            Ports::write32(data_port, value);
    }

private:
    static constexpr std::uint16_t address_port = 0xcf8, data_port = 0xcfc;

    bool select(Address function, std::uint16_t offset) REQUIRES(lock_) {
        if (offset >= 256)
            return false; // the extended space cannot be reached this way
        constexpr std::uint32_t enable = 1u << 31;
        Ports::write32(
            address_port, enable | std::uint32_t{function.bus} << 16 | std::uint32_t{function.device} << 11
                              | std::uint32_t{function.function} << 8 | offset);
        return true;
    }

    Spinlock lock_;
};

} // namespace device::pci
