#include "device/acpi/table.hpp"

namespace device::acpi {
namespace {

constexpr std::size_t length_at = 4;
constexpr std::uint32_t longest_table = 16 << 20;

} // namespace

std::string_view Bytes::text(std::size_t offset, std::size_t length) const {
    if (offset > size() || size() - offset < length)
        return {};
    return {reinterpret_cast<const char*>(bytes_.data()) + offset, length};
}

RegisterAddress Bytes::register_address(std::size_t offset) const {
    return {
        .space = number<std::uint8_t>(offset),
        .bit_width = number<std::uint8_t>(offset + 1),
        .address = number<std::uint64_t>(offset + 4)};
}

bool sums_to_zero(std::span<const std::byte> bytes) {
    unsigned sum = 0;
    for (const std::byte byte : bytes)
        sum += std::to_integer<unsigned>(byte);
    return (sum & 0xff) == 0;
}

Result<Bytes> read_table(PhysAddr address, Reader reader) {
    const auto* header = static_cast<const std::byte*>(address.value ? reader(address, header_size) : nullptr);
    if (!header)
        return fail(Error::bad_address);
    const auto length = Bytes({header, header_size}).number<std::uint32_t>(length_at);
    if (length < header_size || length > longest_table)
        return fail(Error::invalid_argument);
    const auto* whole = static_cast<const std::byte*>(reader(address, length));
    if (!whole)
        return fail(Error::bad_address);
    if (!sums_to_zero({whole, length}))
        return fail(Error::invalid_argument);
    return Bytes({whole, length});
}

} // namespace device::acpi
