// Reads the device tree for BootInfo and for what this folder needs of it (Devicetree Specification 0.4, chapter 3;
// riscv CPU bindings).

#include "clock.hpp"
#include "device/fdt.hpp"
#include "lib/log.hpp"
#include "linker.hpp"

#include <arch/boot.hpp>
#include <arch/page_table.hpp>

#include <string.h>

namespace arch {
namespace {

using device::Fdt;
using device::FdtNode;

constexpr PhysAddr end_of(const boot::MemoryRegion& region) {
    return region.start + region.size;
}

void add(
    std::array<boot::MemoryRegion, boot::BootInfo::max_regions>& list, std::size_t& count, boot::MemoryRegion region) {
    if (region.size != 0 && count < list.size())
        list[count++] = region;
}

/// Takes the hole, rounded outwards to pages, out of the usable memory.
void exclude(boot::BootInfo& info, boot::MemoryRegion hole) {
    const PhysAddr hole_start{align_down(hole.start.value, page_size)};
    const PhysAddr hole_end{align_up(end_of(hole).value, page_size)};
    const auto before = info.memory;
    const std::size_t count = std::exchange(info.memory_count, 0);
    for (const boot::MemoryRegion& whole : std::span(before).first(count)) {
        const PhysAddr end = end_of(whole);
        if (hole_start >= end || hole_end <= whole.start) {
            add(info.memory, info.memory_count, whole);
            continue;
        }
        if (hole_start > whole.start)
            add(info.memory, info.memory_count, {whole.start, hole_start - whole.start});
        if (hole_end < end)
            add(info.memory, info.memory_count, {hole_end, end - hole_end});
    }
}

void collect_memory(const Fdt& tree, boot::BootInfo& info) {
    for (auto node = tree.find_device_type("memory"); node; node = tree.find_device_type("memory", node)) {
        for (std::size_t i = 0; auto region = node->reg(i); ++i) {
            PhysAddr start{align_up(region->start.value, page_size)};
            PhysAddr end{align_down(region->start.value + region->size, page_size)};
            add(info.memory, info.memory_count, {start, end - start});
        }
    }
    for (std::size_t i = 0; auto region = tree.reservation(i); ++i)
        exclude(info, {region->start, region->size});
    auto firmware = tree.node("/reserved-memory");
    for (auto node = firmware ? firmware->first_child() : std::nullopt; node; node = node->next_sibling())
        for (std::size_t i = 0; auto region = node->reg(i); ++i)
            exclude(info, {region->start, region->size});
}

void collect_reserved(const Fdt& tree, boot::BootInfo& info) {
    PhysAddr start = virt_to_phys(image_start);
    add(info.reserved, info.reserved_count, {start, virt_to_phys(image_end) - start});
    add(info.reserved, info.reserved_count, {info.device_tree, tree.size()});
    if (auto initrd = tree.initrd()) {
        info.initrd = {initrd->start, initrd->size};
        add(info.reserved, info.reserved_count, info.initrd);
    }
}

/// Harts with an MMU that are not switched off; the boot hart first.
void collect_cpus(const Fdt& tree, boot::BootInfo& info, std::uint64_t boot_hart) {
    info.cpus[info.cpu_count++] = boot_hart;
    for (auto node = tree.find_device_type("cpu"); node; node = tree.find_device_type("cpu", node)) {
        auto hart = node->unit_address();
        if (hart && *hart == boot_hart)
            use_isa(node->string("riscv,isa"));
        else if (hart && node->is_enabled() && node->has("mmu-type") && info.cpu_count < boot::BootInfo::max_cpus)
            info.cpus[info.cpu_count++] = *hart;
    }
}

void collect_entropy(const Fdt& tree, boot::BootInfo& info) {
    auto seed = tree.rng_seed();
    std::size_t bytes = seed.size() < sizeof(info.entropy) ? seed.size() : sizeof(info.entropy);
    memcpy(info.entropy.data(), seed.data(), bytes);
}

} // namespace

void collect_boot_info(boot::BootInfo& info, std::uint64_t boot_hart, PhysAddr device_tree) {
    auto tree = Fdt::open(phys_to_virt<const void>(device_tree));
    if (!tree)
        panic("no device tree from the firmware");
    info.device_tree = device_tree;
    info.command_line = tree->command_line();
    collect_memory(*tree, info);
    collect_reserved(*tree, info);
    collect_cpus(*tree, info, boot_hart);
    collect_entropy(*tree, info);
    if (auto cpus = tree->node("/cpus"))
        use_timebase(cpus->number("timebase-frequency").value_or(0));
}

} // namespace arch
