#include "abi/sel4/boot_info.hpp"

#include <algorithm>
#include <sel4_isa/devices.hpp>

namespace abi::sel4 {

unsigned device_regions(std::span<DeviceRegion> to) {
    const std::size_t count = std::min(to.size(), isa::spare_devices.size());
    std::copy_n(isa::spare_devices.begin(), count, to.begin());
    return static_cast<unsigned>(count);
}

std::size_t write_extra_boot_info(std::span<std::byte>) {
    return 0; // programs do without: no chunk is mandatory
}

} // namespace abi::sel4
