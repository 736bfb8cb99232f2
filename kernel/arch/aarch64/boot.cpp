// From boot.S to the kernel proper: the direct map of all RAM, and what the device tree says of the machine.

#include "boot/boot_info.hpp"
#include "device/arm/psci.hpp"
#include "device/fdt.hpp"
#include "device/pl011.hpp"
#include "lib/log.hpp"

#include <algorithm>
#include <arch/boot.hpp>
#include <arch/cpu.hpp>
#include <arch/image.hpp>
#include <arch/page_table.hpp>
#include <cstring>

namespace arch {

void prepare_boot_cpu();

extern "C" {
extern const char text_start[];
extern const char constants_end[];
extern const char image_end[];
extern std::uint64_t kernel_root_table[];
using Constructor = void (*)();
extern const Constructor init_array_start[];
extern const Constructor init_array_end[];
}

namespace {

using Format = PageTableFormat;
using Table = std::array<Format::Entry, std::size_t{1} << Format::entry_bits>;

// Enough for RAM in several pieces anywhere: a piece needs two tables of level 2 and two of level 3 at most, the image
// two of level 3, the UART three.
alignas(page_size) constinit std::array<Table, 27> direct_map_tables{};
constinit std::size_t tables_used = 0;

constinit boot::BootInfo boot_info{};

/// The table behind an entry, which is one of the image's.
Format::Entry* table_behind(Format::Entry entry) {
    return reinterpret_cast<Format::Entry*>(
        Format::address(entry).value - image_to_phys(text_start).value + reinterpret_cast<std::uintptr_t>(text_start));
}

constexpr std::uint64_t block_size(unsigned level) {
    return std::uint64_t{page_size} << (Format::entry_bits * (Format::levels - 1 - level));
}

/// Maps one page or block at `level`. False: no table left.
bool map_block(PhysAddr at, PageRights rights, unsigned level) {
    Format::Entry* table = kernel_root_table;
    const std::uintptr_t va = at.value + direct_map_base;
    for (unsigned upper = 0;; ++upper) {
        Format::Entry& entry = table[va / block_size(upper) % std::tuple_size_v<Table>];
        if (upper == level) {
            entry = Format::make_page(at, rights, level);
            return true;
        }
        if (!Format::is_present(entry)) {
            if (tables_used == direct_map_tables.size())
                return false;
            entry = Format::make_table(image_to_phys(direct_map_tables[tables_used++].data()));
        }
        table = table_behind(entry);
    }
}

/// Maps [start, end) by the largest blocks that fit. Returns where it had to stop: `end` if all went well.
PhysAddr map_direct(PhysAddr start, PhysAddr end, bool writable) {
    const PageRights rights{.read = true, .write = writable, .global = true};
    while (start < end) {
        unsigned level = Format::largest_block_level;
        while (start.value % block_size(level) != 0 || end - start < block_size(level))
            ++level;
        if (!map_block(start, rights, level))
            break;
        start = start + block_size(level);
    }
    return start;
}

/// Takes one piece of RAM in. What is mapped executable or constant in the image is read-only here too.
void add_memory(device::FdtNode::Region ram) {
    const PhysAddr start{align_up(ram.start.value, page_size)};
    const PhysAddr end{align_down(ram.start.value + ram.size, page_size)};
    const PhysAddr constant_start = image_to_phys(text_start), constant_end = image_to_phys(constants_end);
    if (start >= end || boot_info.memory_count == boot_info.memory.size())
        return;
    PhysAddr mapped = map_direct(start, std::clamp(constant_start, start, end), true);
    if (mapped == std::clamp(constant_start, start, end))
        mapped = map_direct(mapped, std::clamp(constant_end, start, end), false);
    if (mapped == std::clamp(constant_end, start, end))
        mapped = map_direct(mapped, end, true);
    if (mapped > start)
        boot_info.memory[boot_info.memory_count++] = {start, mapped - start};
}

void add_all_memory(const device::Fdt& tree) {
    for (auto node = tree.find_device_type("memory"); node; node = tree.find_device_type("memory", node))
        for (std::size_t i = 0; const auto ram = node->reg(i); ++i)
            add_memory(*ram);
    publish_entry_write();
}

/// The UART beside the RAM, so that panics before its driver starts can be read.
void start_panic_output(const device::Fdt& tree) {
    const auto uart = device::pl011::find(tree);
    if (!uart)
        return;
    const PhysAddr page{align_down(uart->start.value, page_size)};
    const PageRights rights{.read = true, .write = true, .device = true, .global = true};
    if (!map_block(page, rights, Format::levels - 1))
        return;
    publish_entry_write();
    device::pl011::start_panic_output(phys_to_virt<std::byte>(page) + (uart->start - page));
}

void reserve(PhysAddr start, std::uint64_t size) {
    if (size != 0 && boot_info.reserved_count < boot_info.reserved.size())
        boot_info.reserved[boot_info.reserved_count++] = {start, size};
}

void add_reservations(const device::Fdt& tree) {
    reserve(image_to_phys(text_start), static_cast<std::uint64_t>(image_end - text_start));
    reserve(boot_info.device_tree, tree.size());
    reserve(boot_info.initrd.start, boot_info.initrd.size);
    for (std::size_t i = 0; const auto region = tree.reservation(i); ++i)
        reserve(region->start, region->size);
    const auto parent = tree.node("/reserved-memory");
    for (auto node = parent ? parent->first_child() : parent; node; node = node->next_sibling())
        for (std::size_t i = 0; const auto region = node->reg(i); ++i)
            reserve(region->start, region->size);
}

/// The boot CPU first, then the others in the tree's order.
void add_cpus(const device::Fdt& tree) {
    constexpr std::uint64_t affinity = 0xff'00ff'ffff; // MPIDR_EL1.Aff3..Aff0
    const std::uint64_t self = READ_REGISTER(mpidr_el1) & affinity;
    boot_info.cpus[boot_info.cpu_count++] = self;
    const auto parent = tree.node("/cpus");
    for (auto node = parent ? parent->first_child() : parent; node; node = node->next_sibling()) {
        const auto id = node->unit_address();
        if (node->string("device_type") != "cpu" || !id || *id == self || !node->is_enabled())
            continue;
        if (boot_info.cpu_count < boot_info.cpus.size())
            boot_info.cpus[boot_info.cpu_count++] = *id;
    }
}

void add_entropy(const device::Fdt& tree) {
    const auto seed = tree.rng_seed();
    std::memcpy(boot_info.entropy.data(), seed.data(), std::min(seed.size(), sizeof(boot_info.entropy)));
    for (std::uint64_t& word : boot_info.entropy)
        word ^= random_word();
}

void collect_boot_info(PhysAddr device_tree) {
    boot_info.device_tree = device_tree;
    const auto tree = device::Fdt::open(phys_to_virt<const void>(device_tree));
    if (!tree)
        halt();
    boot_info.command_line = tree->command_line();
    if (const auto initrd = tree->initrd())
        boot_info.initrd = {initrd->start, initrd->size};
    add_reservations(*tree);
    add_cpus(*tree);
    add_entropy(*tree);
}

} // namespace

/// From boot.S: MMU on, boot stack. The device tree is read through the identity map until the direct map stands. A
/// machine without one has no console to say so on; from then on a panic can be read.
extern "C" [[noreturn]] void start_kernel(PhysAddr device_tree, PhysAddr image) {
    set_image_start(image);
    prepare_boot_cpu();
    const auto tree = device::Fdt::open(reinterpret_cast<const void*>(device_tree.value));
    if (!tree)
        halt();
    device::psci::initialise(*tree);
    add_all_memory(*tree);
    start_panic_output(*tree);
    activate_kernel_translation();
    const auto holds = [device_tree](const boot::MemoryRegion& ram) {
        return device_tree >= ram.start && device_tree - ram.start < ram.size;
    };
    if (!std::ranges::any_of(std::span(boot_info.memory).first(boot_info.memory_count), holds))
        panic("the device tree lies outside the memory that it describes");
    collect_boot_info(device_tree);
    std::for_each(init_array_start, init_array_end, [](Constructor construct) { construct(); });
    boot::kernel_main(boot_info);
}

} // namespace arch
