#include "memory/page_table.hpp"

#include "memory/frame.hpp"

namespace memory {

namespace {

PageTable::Entry load(const PageTable::Entry* entry) {
    return __atomic_load_n(entry, __ATOMIC_RELAXED);
}

/// The record of the table that an entry is in; its reference count is the number of entries in use.
std::atomic<std::uint32_t>& use_count(const PageTable::Entry* entry) {
    return frame_of({align_down(arch::virt_to_phys(entry).value, page_size)}).references;
}

/// A zeroed frame as a table with no entry in use.
Result<PhysAddr> new_table() {
    const PhysAddr frame = TRY(allocate_zeroed_frame());
    frame_of(frame).references.store(0, std::memory_order_relaxed);
    return frame;
}

} // namespace

void PageTable::use_root(PhysAddr root, PhysAddr mirror) {
    root_ = arch::phys_to_virt<Entry>(root);
    mirror_ = mirror == PhysAddr{} ? nullptr : arch::phys_to_virt<Entry>(mirror);
}

void PageTable::add_used(const Entry* slot, std::uint32_t change) {
    std::atomic<std::uint32_t>& count = use_count(slot);
    count.store(count.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
}

std::uint32_t PageTable::used(Slot slot) {
    return use_count(slot.entry).load(std::memory_order_relaxed);
}

void PageTable::set_upper(Entry* table, unsigned level, std::size_t index, Entry entry) {
    __atomic_store_n(table + index, entry, __ATOMIC_RELEASE);
    if (level == 0 && mirror_)
        __atomic_store_n(mirror_ + index, entry, __ATOMIC_RELEASE);
    add_used(table + index, entry == 0 ? ~std::uint32_t{0} : 1);
}

PageTable::Slot PageTable::find(std::uintptr_t address) const {
    Entry* table = root_;
    for (unsigned level = 0; level < leaf; ++level) {
        const Entry entry = load(table + index(address, level));
        if (!Format::is_present(entry))
            return {};
        table = table_at(entry);
    }
    return {table + index(address, leaf)};
}

Result<PageTable::Slot> PageTable::make(std::uintptr_t address) {
    Entry* table = root_;
    for (unsigned level = 0; level < leaf; ++level) {
        const std::size_t at = index(address, level);
        Entry entry = load(table + at);
        if (!Format::is_present(entry)) [[unlikely]] {
            entry = Format::make_table(TRY(new_table()));
            set_upper(table, level, at, entry);
        }
        table = table_at(entry);
    }
    return Slot{table + index(address, leaf)};
}

void PageTable::fill(Slot slot, Entry entry) {
    __atomic_store_n(slot.entry, entry, __ATOMIC_RELEASE);
    add_used(slot.entry, 1);
}

PageTable::Entry PageTable::empty(Slot slot) {
    const Entry entry = load(slot.entry);
    __atomic_store_n(slot.entry, 0, __ATOMIC_RELAXED);
    add_used(slot.entry, ~std::uint32_t{0});
    return entry;
}

void PageTable::free_tables_below(Entry* table, unsigned level, std::size_t first, std::size_t last) {
    for (std::size_t i = first; i <= last; ++i) {
        const Entry entry = load(table + i);
        if (!Format::is_present(entry) || !Format::is_table(entry, level))
            continue;
        if (level + 1 < leaf)
            free_tables_below(table_at(entry), level + 1, 0, entries - 1);
        free_frame(Format::address(entry));
        __atomic_store_n(table + i, 0, __ATOMIC_RELAXED);
    }
}

void PageTable::free_all_tables(std::uintptr_t first, std::uintptr_t last) {
    free_tables_below(root_, 0, index(first, 0), index(last, 0));
}

Result<> PageTable::map_kernel(std::uintptr_t address, PhysAddr to, PageRights rights, unsigned level) {
    Entry* table = root_;
    for (unsigned above = 0; above < level; ++above) {
        const std::size_t at = index(address, above);
        Entry entry = load(table + at);
        if (!Format::is_present(entry)) {
            entry = Format::make_table(TRY(allocate_zeroed_frame()));
            __atomic_store_n(table + at, entry, __ATOMIC_RELEASE);
        }
        table = table_at(entry);
    }
    __atomic_store_n(table + index(address, level), Format::make_page(to, rights, level), __ATOMIC_RELEASE);
    return {};
}

} // namespace memory
