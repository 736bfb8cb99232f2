#include "kernel_tables.hpp"

#include "lib/log.hpp"
#include "linker.hpp"
#include "trampoline_pages.hpp"

#include <arch/page_table.hpp>

#include <array>

namespace {

using Format = arch::PageTableFormat;
struct alignas(page_size) Table {
    std::array<Format::Entry, 512> entries;
};

constexpr std::size_t megapage = std::size_t{2} << 20;
constexpr std::size_t max_image_tables = 8;   // 16 MiB of image
constexpr std::size_t max_partial_tables = 6; // GiBs that are not RAM throughout

} // namespace

// In the room that the stacks' alignment leaves, where it fits.
#define BOOT_TABLE [[gnu::section(".boot_tables")]] constinit
extern "C" {
BOOT_TABLE Table kernel_root_table{};
}

namespace arch {
namespace {

BOOT_TABLE std::array<Table, max_partial_tables> partial_tables{};
BOOT_TABLE std::array<Table, max_image_tables> image_tables{};
BOOT_TABLE Table vmap_table{};
BOOT_TABLE Table trampoline_middle{};
BOOT_TABLE Table trampoline_leaves{};
constinit std::size_t partial_count = 0;
constinit std::size_t direct_map_end = 256; // root index behind the last GiB of RAM

constexpr PageRights kernel_data{.read = true, .write = true, .global = true};
constexpr PageRights kernel_text{.read = true, .execute = true, .global = true};
constexpr PageRights kernel_constant{.read = true, .global = true};

constexpr std::size_t index_of(std::uintptr_t va, unsigned level) {
    return va >> (page_shift + Format::entry_bits * (Format::levels - 1 - level)) & 511;
}

Format::Entry table_entry(const Table& table) {
    return Format::make_table(virt_to_phys(&table));
}

/// The middle table of a GiB of the direct map, made when there is none.
Table& middle_table(std::size_t root_index) {
    Format::Entry& entry = kernel_root_table.entries[root_index];
    if (Format::is_present(entry) && Format::is_table(entry, 0))
        return *phys_to_virt<Table>(Format::address(entry));
    if (partial_count == max_partial_tables)
        panic("RAM is too scattered for the boot page tables");
    Table& table = partial_tables[partial_count++];
    entry = table_entry(table);
    return table;
}

/// RAM, read-write: whole GiBs where possible, else 2 MiB blocks rounded outwards. The image's GiB stays as it is until
/// map_image() has the whole of it ready.
void map_ram(const boot::MemoryRegion& region, std::size_t image_gigabyte, Table& image_middle) {
    std::uintptr_t start = direct_map_base + align_down(region.start.value, megapage);
    std::uintptr_t end = direct_map_base + align_up(region.start.value + region.size, megapage);
    for (std::uintptr_t va = start; va < end;) {
        std::size_t root_index = index_of(va, 0);
        direct_map_end = root_index + 1 > direct_map_end ? root_index + 1 : direct_map_end;
        PhysAddr pa{va - direct_map_base};
        bool image = root_index == image_gigabyte;
        if (va % gigabyte == 0 && end - va >= gigabyte && !image) {
            kernel_root_table.entries[root_index] = Format::make_page(pa, kernel_data, 0);
            va += gigabyte;
            continue;
        }
        Table& middle = image ? image_middle : middle_table(root_index);
        middle.entries[index_of(va, 1)] = Format::make_page(pa, kernel_data, 1);
        va += megapage;
    }
}

PageRights image_rights(std::uintptr_t va) {
    if (va < linker_address(text_end))
        return kernel_text;
    if (va < linker_address(rodata_end))
        return kernel_constant;
    return kernel_data;
}

bool is_guard(std::uintptr_t va) {
    return va == linker_address(boot_stack_guard) || va == linker_address(emergency_stack_guard);
}

/// The image page by page: its rights change inside 2 MiB blocks.
void map_image(Table& middle) {
    std::uintptr_t start = align_down(linker_address(image_start), megapage);
    std::uintptr_t end = align_up(linker_address(image_end), megapage);
    if ((end - start) / megapage > max_image_tables)
        panic("the image is too large for the boot page tables");
    for (std::uintptr_t va = start; va < end; va += page_size) {
        Table& leaves = image_tables[(va - start) / megapage];
        Format::Entry entry = Format::make_page({va - direct_map_base}, image_rights(va), 2);
        leaves.entries[index_of(va, 2)] = is_guard(va) ? 0 : entry;
        middle.entries[index_of(va, 1)] = table_entry(leaves);
    }
}

void map_trampoline() {
    trampoline_leaves.entries[index_of(TRAMPOLINE_BASE, 2)] = Format::make_page(choose_trampoline(), kernel_text, 2);
    trampoline_middle.entries[index_of(TRAMPOLINE_BASE, 1)] = table_entry(trampoline_leaves);
    kernel_root_table.entries[index_of(TRAMPOLINE_BASE, 0)] = table_entry(trampoline_middle);
}

} // namespace

void map_kernel(const boot::BootInfo& info) {
    std::size_t image_gigabyte = index_of(linker_address(image_start), 0);
    Table& image_middle = partial_tables[partial_count++];
    for (std::size_t i = 0; i < info.memory_count; ++i)
        map_ram(info.memory[i], image_gigabyte, image_middle);
    map_image(image_middle);
    map_trampoline();
    kernel_root_table.entries[index_of(vmap_base, 0)] = table_entry(vmap_table);
    kernel_root_table.entries[image_gigabyte] = table_entry(image_middle);
    handle_flush_ipi();
}

PhysAddr kernel_root() {
    return virt_to_phys(&kernel_root_table);
}

void initialise_user_root(std::uint64_t* root) {
    const auto& kernel = kernel_root_table.entries;
    for (std::size_t i = index_of(direct_map_base, 0); i < direct_map_end; ++i)
        root[i] = kernel[i];
    for (std::uintptr_t va : {std::uintptr_t{TRAMPOLINE_BASE}, vmap_base})
        root[index_of(va, 0)] = kernel[index_of(va, 0)];
}

} // namespace arch
