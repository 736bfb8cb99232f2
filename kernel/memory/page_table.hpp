#pragma once
// The one walker over all page-table formats. A table's first entry to be used counts it in its frame's record; the
// last to go frees it.

#include "lib/address.hpp"
#include "lib/page_rights.hpp"
#include "lib/result.hpp"

#include <arch/page_table.hpp>
#include <cstdint>

namespace memory {

/// Page tables under one root. Has no lock: the owner's covers all calls. Entries are written with single stores, so
/// that hardware may walk meanwhile; flushing is the caller's.
class PageTable {
public:
    using Format = arch::PageTableFormat;
    using Entry = Format::Entry;

    static constexpr unsigned leaf = Format::levels - 1;
    static constexpr std::size_t entries = std::size_t{1} << Format::entry_bits;
    static constexpr unsigned shift(unsigned level) {
        return static_cast<unsigned>(page_shift) + Format::entry_bits * (leaf - level);
    }
    static constexpr std::size_t index(std::uintptr_t address, unsigned level) {
        return (address >> shift(level)) & (entries - 1);
    }
    /// Bytes that an entry of this level covers.
    static constexpr std::uintptr_t span(unsigned level) { return std::uintptr_t{1} << shift(level); }

    /// An entry that is not empty keeps its frame. "Parked": hardware ignores it (bit 0, the valid bit of every format,
    /// is clear), the frame's address stays readable. It stands for a page of a mapping that has no rights at the
    /// moment.
    static constexpr Entry parked(PhysAddr frame) { return frame.value | 2; }
    static bool is_parked(Entry entry) { return entry != 0 && (entry & 1) == 0; }
    static PhysAddr frame(Entry entry) {
        return is_parked(entry) ? PhysAddr{align_down(entry, page_size)} : Format::address(entry);
    }

    /// Where an entry of the last level stands.
    struct Slot {
        Entry* entry = nullptr;
        Entry load() const { return __atomic_load_n(entry, __ATOMIC_RELAXED); }
    };

    PageTable() = default;
    PageTable(const PageTable&) = delete;
    PageTable& operator=(const PageTable&) = delete;

    /// `root` is a table that exists. `mirror`: a second root that shows the same entries for user addresses.
    void use_root(PhysAddr root, PhysAddr mirror = {});
    bool has_root() const { return root_ != nullptr; }

    /// The slot of a page; entry is null when there is no table for it.
    Slot find(std::uintptr_t address) const;
    /// The same, but makes the tables. Errors: no_memory (empty tables may stay; free_all_tables() finds them).
    Result<Slot> make(std::uintptr_t address);

    /// Puts an entry into an empty slot / replaces one that is not empty.
    static void fill(Slot slot, Entry entry);
    static void replace(Slot slot, Entry entry) { __atomic_store_n(slot.entry, entry, __ATOMIC_RELEASE); }
    /// Empties a slot and returns what was there. The table stays until free_empty().
    static Entry empty(Slot slot);
    /// Entries in use of the table that this slot is in.
    static std::uint32_t used(Slot slot);

    /// Adds `change` to the number of used entries of the table: for those who write many entries at once.
    static void add_used(Slot slot, std::uint32_t change) { add_used(slot.entry, change); }
    /// The n-th slot behind this one, in the same table.
    static Slot nth(Slot slot, std::size_t n) { return {slot.entry + n}; }
    /// Empties `count` slots of one table; calls visit(index, entry) for each that was in use.
    template <typename Visit>
    static void empty_all(Slot first, std::size_t count, Visit visit);

    /// Unlinks the tables on the way to `address` that have no entry left, from the lowest up, and hands each to
    /// `give_back(PhysAddr)`, which frees it when no CPU can be walking through it any more.
    template <typename GiveBack>
    void free_empty(std::uintptr_t address, GiveBack give_back);

    /// Frees every table below the root that maps addresses in [first, last]; pages are not looked at. No CPU uses the
    /// root any more.
    void free_all_tables(std::uintptr_t first, std::uintptr_t last);

    /// Calls visit(address, first slot, number of slots) for each existing leaf table's part of [start, end).
    template <typename Visit>
    void for_each_leaf(std::uintptr_t start, std::uintptr_t end, Visit visit) const;

    /// Maps a block or page of the kernel: level `leaf` or one above. Makes the tables; never counted, never freed.
    /// Errors: no_memory.
    Result<> map_kernel(std::uintptr_t address, PhysAddr to, PageRights rights, unsigned level = leaf);

private:
    static Entry* table_at(Entry entry) { return arch::phys_to_virt<Entry>(Format::address(entry)); }
    void set_upper(Entry* table, unsigned level, std::size_t index, Entry entry);
    static void add_used(const Entry* slot, std::uint32_t change);
    static void free_tables_below(Entry* table, unsigned level, std::size_t first, std::size_t last);

    Entry* root_ = nullptr;
    Entry* mirror_ = nullptr;
};

template <typename GiveBack>
void PageTable::free_empty(std::uintptr_t address, GiveBack give_back) {
    Entry* tables[Format::levels];
    tables[0] = root_;
    unsigned level = 0;
    for (; level < leaf; ++level) {
        const Entry entry = tables[level][index(address, level)];
        if (!Format::is_present(entry))
            break;
        tables[level + 1] = table_at(entry);
    }
    for (; level > 0 && used({tables[level]}) == 0; --level) {
        set_upper(tables[level - 1], level - 1, index(address, level - 1), 0);
        give_back(arch::virt_to_phys(tables[level]));
    }
}

template <typename Visit>
void PageTable::empty_all(Slot first, std::size_t count, Visit visit) {
    const std::uint32_t in_table = used(first);
    std::uint32_t emptied = 0;
    for (std::size_t i = 0; i < count && emptied != in_table; ++i) {
        const Entry entry = nth(first, i).load();
        if (entry == 0)
            continue;
        __atomic_store_n(first.entry + i, 0, __ATOMIC_RELAXED);
        ++emptied;
        visit(i, entry);
    }
    add_used(first, 0 - emptied);
}

template <typename Visit>
void PageTable::for_each_leaf(std::uintptr_t start, std::uintptr_t end, Visit visit) const {
    std::uintptr_t at = start;
    while (at < end) {
        Entry* table = root_;
        unsigned level = 0;
        for (; level < leaf; ++level) {
            const Entry entry = __atomic_load_n(table + index(at, level), __ATOMIC_RELAXED);
            if (!Format::is_present(entry))
                break;
            table = table_at(entry);
        }
        // Where the part that this table, or the hole, covers ends.
        const unsigned covering = level == leaf ? leaf - 1 : level;
        std::uintptr_t next = (at & ~(span(covering) - 1)) + span(covering);
        if (next > end || next < at)
            next = end;
        if (level == leaf)
            visit(at, Slot{table + index(at, leaf)}, (next - at) >> page_shift);
        at = next;
    }
}

} // namespace memory
