#include "abi/sel4/boot_info.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <sel4_isa/devices.hpp>

namespace abi::sel4 {

unsigned device_regions(std::span<DeviceRegion> to) {
    unsigned count = 0;
    isa::for_each_spare_range([&](PhysAddr start, PhysAddr end) {
        // From the largest aligned pieces.
        for (PhysAddr at = start; at < end && count < to.size(); ++count) {
            const int aligned = at.value == 0 ? 63 : std::countr_zero(at.value);
            const auto bits = static_cast<unsigned>(std::min(aligned, static_cast<int>(std::bit_width(end - at)) - 1));
            to[count] = {at, bits};
            at = at + (std::uint64_t{1} << bits);
        }
    });
    return count;
}

std::size_t write_extra_boot_info(std::span<std::byte> to) {
    struct Header {
        Word identifier, bytes; // with the header
    };
    std::size_t used = 0;
    isa::for_each_boot_chunk([&](Word identifier, std::span<const std::byte> contents) {
        const Header header{identifier, sizeof(Header) + contents.size()};
        if (header.bytes > to.size() - used)
            return;
        std::memcpy(to.data() + used, &header, sizeof header);
        std::memcpy(to.data() + used + sizeof header, contents.data(), contents.size());
        used += header.bytes;
    });
    return used;
}

} // namespace abi::sel4
