#include "arch/x86_64/boot_map.hpp"

#include "arch/x86_64/linker.hpp"
#include "arch/x86_64/msr.hpp"
#include "lib/log.hpp"

#include <arch/cpu.hpp>
#include <arch/page_table.hpp>

namespace arch {
namespace {

using Format = PageTableFormat;
using Entry = Format::Entry;

constexpr std::uint64_t boot_tables_reach = std::uint64_t{1} << 30; // what the tables of boot.S show
constexpr std::uintptr_t boot_slots_base = 0xffff'ffff'ffe0'0000;
constexpr unsigned leaf_level = Format::levels - 1;

constexpr PageRights kernel_text{.read = true, .execute = true, .global = true};
constexpr PageRights kernel_constants{.read = true, .global = true};
constexpr PageRights kernel_data{.read = true, .write = true, .global = true};

constinit PhysAddr root{};
constinit PhysAddr starting_root{};

constexpr unsigned shift_of(unsigned level) {
    return page_shift + Format::entry_bits * (leaf_level - level);
}
constexpr std::uint64_t size_of(unsigned level) {
    return std::uint64_t{1} << shift_of(level);
}
constexpr std::size_t index_of(std::uintptr_t va, unsigned level) {
    return (va >> shift_of(level)) & ((1u << Format::entry_bits) - 1);
}

PhysAddr physical(const char* symbol) {
    return image_to_phys(symbol);
}

/// Frames for tables, taken one after the other behind the image.
class TableFrames {
public:
    explicit TableFrames(const boot::BootInfo& info) : info_(info), next_(physical(image_end)) {}

    PhysAddr take() {
        for (std::size_t i = 0; i < info_.reserved_count; ++i) {
            const boot::MemoryRegion& taken = info_.reserved[i];
            if (next_ < taken.start + taken.size && taken.start < next_ + page_size)
                next_ = {align_up(taken.start.value + taken.size, page_size)};
        }
        const PhysAddr frame = next_;
        next_ = next_ + page_size;
        if (!is_ram(frame) || next_.value > boot_tables_reach)
            panic("too little memory for the kernel's page tables");
        zero_page(phys_to_virt(frame));
        return frame;
    }
    PhysAddr end() const { return next_; }

private:
    bool is_ram(PhysAddr frame) const {
        for (std::size_t i = 0; i < info_.memory_count; ++i) {
            const boot::MemoryRegion& ram = info_.memory[i];
            if (frame >= ram.start && frame + page_size <= ram.start + ram.size)
                return true;
        }
        return false;
    }

    const boot::BootInfo& info_;
    PhysAddr next_;
};

/// The entry for `va` at `level`, with the tables above it made as needed; null when a larger block already covers it.
Entry* entry_for(PhysAddr table_root, std::uintptr_t va, unsigned level, TableFrames& frames) {
    auto* table = phys_to_virt<Entry>(table_root);
    for (unsigned at = 0; at < level; ++at) {
        Entry& entry = table[index_of(va, at)];
        if (!Format::is_present(entry))
            entry = Format::make_table(frames.take());
        else if (!Format::is_table(entry, at))
            return nullptr;
        table = phys_to_virt<Entry>(Format::address(entry));
    }
    return &table[index_of(va, level)];
}

void map_page(PhysAddr table_root, std::uintptr_t va, PhysAddr pa, PageRights rights, TableFrames& frames) {
    if (Entry* entry = entry_for(table_root, va, leaf_level, frames))
        *entry = Format::make_page(pa, rights, leaf_level);
}

void map_image(const char* start, const char* end, PageRights rights, TableFrames& frames) {
    for (const char* page = start; page < end; page += page_size)
        map_page(root, reinterpret_cast<std::uintptr_t>(page), physical(page), rights, frames);
}

bool touches_image(PhysAddr start, std::uint64_t bytes) {
    return start < physical(image_end) && physical(image_start) < start + bytes;
}

/// The largest page that fits at `at` and ends by `end`. Pages that show part of the image are small ones.
unsigned page_level(PhysAddr at, PhysAddr end) {
    for (unsigned level = Format::largest_block_level(); level < leaf_level; ++level)
        if (at.value % size_of(level) == 0 && end - at >= size_of(level) && !touches_image(at, size_of(level)))
            return level;
    return leaf_level;
}

void map_direct(PhysAddr start, PhysAddr end, TableFrames& frames) {
    for (PhysAddr at = start; at < end;) {
        const unsigned level = page_level(at, end);
        Entry* entry = entry_for(root, direct_map_base + at.value, level, frames);
        if (entry && !Format::is_present(*entry)) {
            const bool image = touches_image(at, size_of(level));
            *entry = Format::make_page(at, image ? kernel_constants : kernel_data, level);
        }
        at = at + size_of(level);
    }
}

void make_secondary_root(TableFrames& frames) {
    starting_root = frames.take();
    initialise_user_root(phys_to_virt<Entry>(starting_root));
    map_page(starting_root, SECONDARY_PAGE, {SECONDARY_PAGE}, {.read = true, .execute = true}, frames);
}

Entry entry_of(std::uintptr_t va, unsigned& level) {
    const auto* table = phys_to_virt<const Entry>(root);
    for (level = 0;; ++level) {
        const Entry entry = table[index_of(va, level)];
        if (!Format::is_table(entry, level))
            return entry;
        table = phys_to_virt<const Entry>(Format::address(entry));
    }
}

} // namespace

extern "C" void load_final_root(std::uint64_t root); // boot.S

PhysAddr kernel_root() {
    return root;
}
PhysAddr secondary_root() {
    return starting_root;
}

void initialise_user_root(std::uint64_t* user_root) {
    const auto* kernel = phys_to_virt<const Entry>(root);
    constexpr std::size_t half = (1u << Format::entry_bits) / 2;
    for (std::size_t i = half; i < 2 * half; ++i)
        user_root[i] = kernel[i];
}

void build_kernel_tables(boot::BootInfo& info, std::span<const boot::MemoryRegion> also_mapped) {
    TableFrames frames(info);
    root = frames.take();
    entry_for(root, vmap_base, 1, frames);
    entry_for(root, boot_slots_base, leaf_level, frames);
    map_image(text_start, text_end, kernel_text, frames);
    map_image(text_end, data_start, kernel_constants, frames);
    map_image(data_start, read_only_after_boot_start, kernel_data, frames);
    map_image(read_only_after_boot_start, read_only_after_boot_end, kernel_constants, frames);
    map_image(read_only_after_boot_end, boot_stack_guard, kernel_data, frames);
    map_image(boot_stack_bottom, image_end, kernel_data, frames);
    for (std::size_t i = 0; i < info.memory_count; ++i)
        map_direct(info.memory[i].start, info.memory[i].start + info.memory[i].size, frames);
    for (const boot::MemoryRegion& region : also_mapped)
        map_direct(
            {align_down(region.start.value, page_size)}, {align_up(region.start.value + region.size, page_size)},
            frames);
    make_secondary_root(frames);
    info.reserved[info.reserved_count++] = {physical(image_start), frames.end() - physical(image_start)};
    load_final_root(root.value);
}

bool in_direct_map(PhysAddr start, std::uint64_t bytes) {
    constexpr std::uint64_t most = std::uint64_t{1} << 46;
    if (start.value > most || bytes > most)
        return false;
    for (std::uint64_t at = start.value; at < start.value + bytes;) {
        unsigned level;
        if (!Format::is_present(entry_of(direct_map_base + at, level)))
            return false;
        at = align_down(at, size_of(level)) + size_of(level);
    }
    return true;
}

volatile void* map_at_boot(BootSlot slot, PhysAddr registers) {
    const std::uintptr_t va = boot_slots_base + std::uintptr_t{static_cast<std::uint8_t>(slot)} * page_size;
    auto* table = phys_to_virt<Entry>(root);
    for (unsigned level = 0; level < leaf_level; ++level)
        table = phys_to_virt<Entry>(Format::address(table[index_of(va, level)]));
    constexpr PageRights rights{.read = true, .write = true, .device = true, .global = true};
    table[index_of(va, leaf_level)] = Format::make_page({align_down(registers.value, page_size)}, rights, leaf_level);
    return reinterpret_cast<volatile void*>(va + registers.value % page_size);
}

} // namespace arch
