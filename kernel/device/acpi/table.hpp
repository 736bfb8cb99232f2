#pragma once
// One ACPI table, checked, with bounds on every read.

#include "device/acpi/machine.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace device::acpi {

/// Bytes that may end anywhere: a number that does not lie wholly inside reads as nothing.
class Bytes {
public:
    constexpr Bytes() = default;
    explicit Bytes(std::span<const std::byte> bytes) : bytes_(bytes) {}

    std::size_t size() const { return bytes_.size(); }
    std::span<const std::byte> span() const { return bytes_; }
    Bytes from(std::size_t offset) const { return Bytes(bytes_.subspan(offset < size() ? offset : size())); }
    Bytes first(std::size_t count) const { return Bytes(bytes_.first(count < size() ? count : size())); }

    template <typename T>
    std::optional<T> get(std::size_t offset) const {
        if (offset > size() || size() - offset < sizeof(T))
            return {};
        T value;
        std::memcpy(&value, bytes_.data() + offset, sizeof(T));
        return value;
    }
    /// The number, or 0 where the table is too short for it (older revisions are).
    template <typename T>
    T number(std::size_t offset) const {
        return get<T>(offset).value_or(T{0});
    }
    std::string_view text(std::size_t offset, std::size_t length) const;
    RegisterAddress register_address(std::size_t offset) const;

private:
    std::span<const std::byte> bytes_;
};

inline constexpr std::size_t header_size = 36; // 5.2.6

/// The table at that address with its header. Errors: bad_address (not readable), invalid_argument (length or sum is
/// wrong).
Result<Bytes> read_table(PhysAddr address, Reader reader);
/// True when all bytes sum to 0.
bool sums_to_zero(std::span<const std::byte> bytes);

// The parts of read_machine(); each takes what it can use.
void read_madt(const Bytes& table, Machine& machine);
void read_mcfg(const Bytes& table, Machine& machine);
void read_hpet(const Bytes& table, Machine& machine);
void read_fadt(const Bytes& table, Machine& machine);
// From the definition block of the DSDT or an SSDT.
void read_soft_off(const Bytes& table, Machine& machine);
void read_virtio_devices(const Bytes& table, Machine& machine);
/// Where the FADT says the DSDT is; 0: nowhere.
PhysAddr dsdt_address(const Bytes& fadt);

} // namespace device::acpi
