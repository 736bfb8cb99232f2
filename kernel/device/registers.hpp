#pragma once
// A device's memory-mapped registers.

#include <cstddef>
#include <cstdint>

namespace device {

/// A window of registers, mapped by memory::map_device(). Accesses happen once, in program order, at the width named.
/// Order against normal memory (descriptors for DMA) is the driver's to establish with a fence.
class Registers {
public:
    constexpr Registers() = default;
    explicit Registers(volatile void* base) : base_(static_cast<volatile std::byte*>(base)) {}

    std::uint8_t read8(std::size_t offset) const { return at<std::uint8_t>(offset); }
    std::uint32_t read32(std::size_t offset) const { return at<std::uint32_t>(offset); }
    std::uint64_t read64(std::size_t offset) const { return at<std::uint64_t>(offset); }
    void write8(std::size_t offset, std::uint8_t value) const { at<std::uint8_t>(offset) = value; }
    void write32(std::size_t offset, std::uint32_t value) const { at<std::uint32_t>(offset) = value; }
    void write64(std::size_t offset, std::uint64_t value) const { at<std::uint64_t>(offset) = value; }

    /// The registers from `offset` on.
    Registers from(std::size_t offset) const { return Registers(base_ + offset); }

private:
    template <typename T>
    volatile T& at(std::size_t offset) const {
        return *reinterpret_cast<volatile T*>(base_ + offset);
    }
    volatile std::byte* base_ = nullptr;
};

} // namespace device
