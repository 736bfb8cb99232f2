#pragma once
// What the initial thread finds in its bootinfo frame. seL4 manual 9.1, libsel4 sel4/bootinfo_types.h.

#include "abi/sel4/boot_chunks.hpp"
#include "abi/sel4/message.hpp"
#include "lib/address.hpp"

#include <array>
#include <cstddef>
#include <span>

namespace abi::sel4 {

/// The fixed slots of the root CNode.
enum RootSlot : unsigned {
    root_null,
    root_tcb,
    root_cnode,
    root_vspace,
    root_irq_control,
    root_asid_control,
    root_asid_pool,
    root_io_port_control,
    root_io_space,
    root_boot_info,
    root_ipc_buffer,
    root_domain,
    root_first_free = 16,
};

struct SlotRegion {
    Word start = 0, end = 0;
};

struct UntypedDescription {
    Word physical = 0;
    std::uint8_t size_bits = 0;
    std::uint8_t is_device = 0;
    std::array<std::uint8_t, 6> padding{};
};

struct BootInfo {
    static constexpr unsigned max_untyped = 230; // CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS

    Word extra_bytes = 0; // behind the frame
    Word node = 0, nodes = 1;
    Word io_page_table_levels = 0;
    Word ipc_buffer = 0; // address
    SlotRegion empty, shared_frames, image_frames, image_tables, io_space_caps, extra_frames;
    Word cnode_bits = 0; // of the root CNode
    Word domain = 0;
    SlotRegion untyped;
    std::array<UntypedDescription, max_untyped> untyped_list{};
};
static_assert(sizeof(BootInfo) == 168 + 230 * 16);

/// Memory that is no RAM, for device untypeds: a power of two bytes, naturally aligned.
struct DeviceRegion {
    PhysAddr start;
    unsigned size_bits;
};
/// What of the physical address space holds no RAM and no device that this kernel drives itself. Returns how many.
unsigned device_regions(std::span<DeviceRegion> to);
/// What stands behind the bootinfo frame: the machine as its firmware describes it.
void add_boot_chunks(BootChunks& chunks);

} // namespace abi::sel4
