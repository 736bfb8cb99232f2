// mremap(): a mapping grows or shrinks where it is, or moves with its pages.

#include "memory/address_space.hpp"
#include "memory/page_entry.hpp"
#include "memory/shootdown.hpp"

namespace memory {

Result<std::uintptr_t> AddressSpace::remap(
    std::uintptr_t start, std::size_t old_bytes, std::size_t new_bytes, bool may_move, std::uintptr_t fixed_target,
    bool keep_source) {
    if (start % page_size != 0 || new_bytes == 0 || new_bytes > layout_.highest || old_bytes > layout_.highest)
        return fail(Error::invalid_argument);
    old_bytes = align_up(old_bytes, page_size);
    new_bytes = align_up(new_bytes, page_size);
    if (fixed_target != 0) {
        const std::uintptr_t target_end = TRY(end_of(fixed_target, new_bytes));
        if (fixed_target < start + old_bytes && start < target_end)
            return fail(Error::invalid_argument);
        if (fixed_target < layout_.lowest)
            return fail(Error::not_permitted);
    }

    thread::MutexGuard guard(lock_);
    if (!mapping_at(start))
        return fail(Error::bad_address);
    if (fixed_target != 0)
        TRY(unmap_locked(fixed_target, fixed_target + new_bytes));
    Mapping* mapping = mapping_at(start);
    if (old_bytes == 0 && !mapping->shared)
        return fail(Error::invalid_argument);
    if (old_bytes > new_bytes) {
        TRY(unmap_locked(start + new_bytes, start + old_bytes));
        old_bytes = new_bytes;
        mapping = mapping_at(start);
    }
    if (old_bytes == new_bytes && fixed_target == 0 && !keep_source)
        return start;
    if (start + old_bytes > mapping->end)
        return fail(Error::bad_address);
    if (virtual_pages_ + ((keep_source ? new_bytes : new_bytes - old_bytes) >> page_shift) > limit_pages)
        return fail(Error::no_memory);
    if (fixed_target == 0) {
        if (old_bytes != 0 && !keep_source && grow_in_place(*mapping, start + old_bytes, start + new_bytes))
            return start;
        if (!may_move)
            return fail(Error::no_memory);
        fixed_target = TRY(find_gap(new_bytes));
    }
    return move(*mapping, start, old_bytes, new_bytes, fixed_target, keep_source);
}

/// True: the range's end was the mapping's, nothing lies behind it, and it now ends at `new_end`.
bool AddressSpace::grow_in_place(Mapping& mapping, std::uintptr_t old_end, std::uintptr_t new_end) {
    if (mapping.end != old_end || new_end > layout_.highest || !is_free(old_end, new_end))
        return false;
    resize(mapping, mapping.start, new_end);
    merge_with_neighbours(mapping);
    return true;
}

/// Makes the tables that the pages of [from, from + bytes) need when they lie at `to`. Errors: no_memory.
Result<> AddressSpace::prepare_tables(std::uintptr_t from, std::uintptr_t to, std::size_t bytes) {
    Result<> result;
    table_.for_each_leaf(
        from, from + bytes, [&](std::uintptr_t at, PageTable::Slot, std::size_t count) NO_THREAD_SAFETY_ANALYSIS {
            // A table's part of the source can lie across two tables of the target.
            for (const std::uintptr_t page : {at, at + (count - 1) * page_size})
                if (const Result<PageTable::Slot> made = table_.make(page - from + to); !made)
                    result = fail(made.error());
        });
    return result;
}

/// Moves entries to where their tables were prepared. The mapping at `from` keeps no page.
void AddressSpace::move_pages(std::uintptr_t from, std::uintptr_t to, std::size_t bytes) {
    Shootdown shootdown(*this);
    table_.for_each_leaf(
        from, from + bytes, [&](std::uintptr_t at, PageTable::Slot first, std::size_t count) NO_THREAD_SAFETY_ANALYSIS {
            PageTable::empty_all(first, count, [&](std::size_t i, PageTable::Entry entry) NO_THREAD_SAFETY_ANALYSIS {
                const std::uintptr_t address = at + i * page_size;
                PageTable::fill(table_.find(address - from + to), entry);
                shootdown.add_page(address, PageTable::frame(entry), false);
            });
            if (PageTable::used(first) == 0)
                table_.free_empty(at, [&](PhysAddr table) { shootdown.add_table(table); });
        });
    arch::publish_entry_write();
}

/// Moves [start, start + old_bytes) of the mapping to `target`, where nothing is mapped; 0 bytes: maps the same object
/// once more.
Result<std::uintptr_t> AddressSpace::move(
    Mapping& mapping, std::uintptr_t start, std::size_t old_bytes, std::size_t new_bytes, std::uintptr_t target,
    bool keep_source) {
    if (mapping_count_ >= max_mappings)
        return fail(Error::no_memory);
    Mapping* source = &mapping;
    if (old_bytes != 0) {
        source = TRY(split_at_borders(start, start + old_bytes));
        TRY(prepare_tables(start, target, old_bytes));
    }
    Mapping* moved = clone_part(*source, start, start + new_bytes);
    if (!moved)
        return fail(Error::no_memory);
    moved->start = target;
    moved->end = target + new_bytes;
    if (old_bytes != 0) {
        move_pages(start, target, old_bytes);
        if (!keep_source)
            erase(*source);
    }
    insert(*moved);
    merge_with_neighbours(*moved);
    return target;
}

} // namespace memory
