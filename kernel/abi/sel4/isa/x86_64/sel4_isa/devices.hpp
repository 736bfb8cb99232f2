#pragma once
// Physical memory that is no RAM and that this kernel leaves alone, of the machines it runs on. A program that drives a
// device by DMA can reach all memory: none here can do that.

#include "abi/sel4/boot_info.hpp"

#include <array>

namespace abi::sel4::isa {

inline constexpr std::array spare_devices{
    DeviceRegion{{0xfed0'0000}, 12}, // HPET
};

} // namespace abi::sel4::isa
