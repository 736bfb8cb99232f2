#include "abi/sel4/boot_info.hpp"

#include "device/fdt.hpp"
#include "device/platform.hpp"

#include <algorithm>
#include <arch/page_table.hpp>
#include <bit>
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

void add_boot_chunks(BootChunks& chunks) {
    const boot::BootInfo& info = device::boot_info();
    if (info.device_tree != PhysAddr{})
        if (const auto tree = device::Fdt::open(arch::phys_to_virt<const void>(info.device_tree)))
            if (const auto to = chunks.add(ChunkId::device_tree, tree->used_size()); !to.empty())
                tree->copy(to);
    isa::add_boot_chunks(chunks);
}

} // namespace abi::sel4
