// Mapping, unmapping and changing ranges of an address space. mappings.cpp has the set that they work on.

#include "memory/address_space.hpp"

#include "memory/frame.hpp"
#include "memory/page_entry.hpp"
#include "memory/shootdown.hpp"

#include <new>

namespace memory {

/// Chooses the start of a new mapping.
Result<std::uintptr_t> AddressSpace::place(const MapRequest& request, std::size_t bytes) {
    const std::uintptr_t wanted = request.address;
    const bool fits = wanted >= layout_.lowest && bytes <= layout_.highest && wanted <= layout_.highest - bytes;
    if (request.placement == Placement::anywhere) {
        const std::uintptr_t hint = align_down(wanted, page_size);
        if (fits && hint >= layout_.lowest && is_free(hint, hint + bytes))
            return hint;
        return find_gap(bytes);
    }
    if (wanted % page_size != 0)
        return fail(Error::invalid_argument);
    if (wanted < layout_.lowest)
        return fail(Error::not_permitted);
    if (!fits)
        return fail(Error::no_memory);
    if (request.placement == Placement::fixed_free && !is_free(wanted, wanted + bytes))
        return fail(Error::exists);
    return wanted;
}

Result<std::uintptr_t> AddressSpace::map_locked(const MapRequest& request, std::size_t bytes) {
    const std::uintptr_t start = TRY(place(request, bytes));
    const std::uintptr_t end = start + bytes;
    const bool replaces = request.placement == Placement::fixed;
    if (virtual_pages_ + (bytes >> page_shift) - (replaces ? pages_mapped_in(start, end) : 0) > limit_pages)
        return fail(Error::no_memory);
    if (mapping_count_ >= max_mappings)
        return fail(Error::no_memory);
    auto* mapping = new (std::nothrow) Mapping{
        .start = start,
        .end = end,
        .rights = request.rights,
        .shared = request.shared,
        .may_write = request.may_write,
        .grows_down = request.grows_down,
        .name_is_stack = request.name_is_stack,
        .name_is_heap = request.name_is_heap,
        .object = request.object,
        .offset = request.object ? request.offset : 0,
    };
    if (!mapping)
        return fail(Error::no_memory);
    if (replaces) {
        if (const Result<> cleared = unmap_locked(start, end); !cleared) {
            delete mapping;
            return fail(cleared.error());
        }
    }
    insert(*mapping);
    merge_with_neighbours(*mapping);
    return start;
}

Result<std::uintptr_t> AddressSpace::map(const MapRequest& request) {
    if (request.bytes == 0)
        return fail(Error::invalid_argument);
    if (request.bytes > layout_.highest)
        return fail(Error::no_memory);
    const std::size_t bytes = align_up(request.bytes, page_size);
    // What could never be filled is refused at once, unless the program says that it knows.
    const bool takes_frames = !request.object && request.rights.write && !request.no_reserve;
    if (takes_frames && (bytes >> page_shift) > total_frame_count())
        return fail(Error::no_memory);
    thread::MutexGuard guard(lock_);
    const std::uintptr_t start = TRY(map_locked(request, bytes));
    if (request.populate)
        static_cast<void>(populate_locked(start, start + bytes)); // what cannot be had now faults later
    return start;
}

Result<> AddressSpace::unmap_locked(std::uintptr_t start, std::uintptr_t end) {
    Mapping* mapping = first_ending_after(start);
    if (!mapping || mapping->start >= end)
        return {};
    if (mapping->start < start && mapping->end > end) // a hole: the part above needs a mapping of its own
        TRY(split(*mapping, end));
    Shootdown shootdown(*this);
    while (mapping && mapping->start < end) {
        Mapping* following = next(*mapping);
        const std::uintptr_t low = mapping->start > start ? mapping->start : start;
        const std::uintptr_t high = mapping->end < end ? mapping->end : end;
        drop_pages(*mapping, low, high, shootdown);
        if (low > mapping->start)
            resize(*mapping, mapping->start, low);
        else if (high < mapping->end)
            resize(*mapping, high, mapping->end);
        else
            erase(*mapping);
        mapping = following;
    }
    return {};
}

Result<> AddressSpace::unmap(std::uintptr_t start, std::size_t bytes) {
    const std::uintptr_t end = TRY(end_of(start, bytes));
    thread::MutexGuard guard(lock_);
    return unmap_locked(start, end);
}

void AddressSpace::drop_pages(const Mapping& mapping, std::uintptr_t start, std::uintptr_t end, Shootdown& shootdown) {
    const bool counted = mapping.is_ram();
    table_.for_each_leaf(
        start, end, [&](std::uintptr_t at, PageTable::Slot first, std::size_t count) NO_THREAD_SAFETY_ANALYSIS {
            PageTable::empty_all(first, count, [&](std::size_t i, PageTable::Entry entry) NO_THREAD_SAFETY_ANALYSIS {
                --resident_;
                shootdown.add_page(at + i * page_size, PageTable::frame(entry), counted);
            });
            if (PageTable::used(first) == 0)
                table_.free_empty(at, [&](PhysAddr table) { shootdown.add_table(table); });
        });
}

Result<> AddressSpace::protect(std::uintptr_t start, std::size_t bytes, PageRights rights) {
    const std::uintptr_t end = TRY(end_of(start, bytes));
    thread::MutexGuard guard(lock_);
    if (!is_fully_mapped(start, end))
        return fail(Error::no_memory);
    if (rights.write)
        for (Mapping* mapping = first_ending_after(start); mapping && mapping->start < end; mapping = next(*mapping))
            if (!mapping->may_write)
                return fail(Error::access_denied);
    for (Mapping* mapping = TRY(split_at_borders(start, end)); mapping && mapping->start < end;
         mapping = next(*mapping)) {
        if (mapping->rights == rights)
            continue;
        mapping->rights = rights;
        rewrite_rights(*mapping, mapping->start, mapping->end);
    }
    merge_range(start, end);
    return {};
}

void AddressSpace::rewrite_rights(const Mapping& mapping, std::uintptr_t start, std::uintptr_t end) {
    Shootdown shootdown(*this);
    table_.for_each_leaf(start, end, [&](std::uintptr_t at, PageTable::Slot first, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            const PageTable::Slot slot = PageTable::nth(first, i);
            const PageTable::Entry entry = slot.load();
            if (entry == 0)
                continue;
            const PhysAddr frame = PageTable::frame(entry);
            // A private page that is nobody else's may be written at once. A shared one whose object wants to hear of
            // it only as before.
            const bool writable = !mapping.shared                ? mapping.is_ram() && frame_is_exclusive(frame)
                                  : object_hears_writes(mapping) ? is_writable(entry)
                                                                 : true;
            const PageTable::Entry changed = page_entry(mapping, frame, writable);
            if (changed == entry)
                continue;
            synchronise_code(mapping, frame);
            PageTable::replace(slot, changed);
            shootdown.add_page(at + i * page_size, frame, false);
        }
    });
    arch::publish_entry_write();
}

Result<> AddressSpace::discard(std::uintptr_t start, std::size_t bytes) {
    const std::uintptr_t end = TRY(end_of(start, bytes));
    thread::MutexGuard guard(lock_);
    const bool whole = is_fully_mapped(start, end);
    Shootdown shootdown(*this);
    for (Mapping* mapping = first_ending_after(start); mapping && mapping->start < end; mapping = next(*mapping))
        drop_pages(
            *mapping, mapping->start > start ? mapping->start : start, mapping->end < end ? mapping->end : end,
            shootdown);
    if (!whole)
        return fail(Error::no_memory);
    return {};
}

Result<> AddressSpace::set_inheritance(std::uintptr_t start, std::size_t bytes, Inheritance inheritance) {
    const std::uintptr_t end = TRY(end_of(start, bytes));
    thread::MutexGuard guard(lock_);
    if (!is_fully_mapped(start, end))
        return fail(Error::no_memory);
    for (Mapping* mapping = TRY(split_at_borders(start, end)); mapping && mapping->start < end;
         mapping = next(*mapping))
        mapping->inheritance = inheritance;
    merge_range(start, end);
    return {};
}

Result<> AddressSpace::require_mapped(std::uintptr_t start, std::size_t bytes) {
    const std::uintptr_t end = TRY(end_of(start, bytes));
    thread::MutexGuard guard(lock_);
    if (!is_fully_mapped(start, end))
        return fail(Error::no_memory);
    return {};
}

/// The object of the first shared mapping that reaches behind `at` and begins below `end`; `at` becomes that mapping's
/// end.
Ref<MemoryObject> AddressSpace::next_shared_object(std::uintptr_t& at, std::uintptr_t end) {
    thread::MutexGuard guard(lock_);
    for (Mapping* mapping = first_ending_after(at); mapping && mapping->start < end; mapping = next(*mapping))
        if (mapping->shared && mapping->object) {
            at = mapping->end;
            return mapping->object;
        }
    return {};
}

Result<> AddressSpace::sync(std::uintptr_t start, std::size_t bytes) {
    const std::uintptr_t end = TRY(end_of(start, bytes));
    // The object visits its mappings: this address space's lock is not held meanwhile.
    for (std::uintptr_t at = start; const Ref<MemoryObject> object = next_shared_object(at, end);)
        TRY(object->sync());
    return require_mapped(start, bytes);
}

Result<> AddressSpace::residency(std::uintptr_t start, std::span<std::uint8_t> present) {
    const std::uintptr_t end = TRY(end_of(start, present.size() * page_size));
    thread::MutexGuard guard(lock_);
    if (!is_fully_mapped(start, end))
        return fail(Error::no_memory);
    for (std::size_t i = 0; i < present.size(); ++i) {
        const PageTable::Slot slot = table_.find(start + i * page_size);
        present[i] = slot.entry && slot.load() != 0;
    }
    return {};
}

void AddressSpace::initialise_break(std::uintptr_t lowest, std::uintptr_t start) {
    thread::MutexGuard guard(lock_);
    break_start_ = lowest;
    break_ = start;
}

std::uintptr_t AddressSpace::set_break(std::uintptr_t wanted) {
    thread::MutexGuard guard(lock_);
    if (wanted < break_start_ || wanted >= layout_.highest || wanted - break_start_ > break_limit)
        return break_;
    const std::uintptr_t old_end = align_up(break_, page_size);
    const std::uintptr_t new_end = align_up(wanted, page_size);
    if (new_end < old_end) {
        if (!unmap_locked(new_end, old_end))
            return break_;
    } else if (new_end > old_end) {
        const MapRequest heap{
            .address = old_end,
            .bytes = new_end - old_end,
            .rights = {.read = true, .write = true},
            .placement = Placement::fixed_free,
            .name_is_heap = true,
        };
        if ((heap.bytes >> page_shift) > total_frame_count() || !map_locked(heap, heap.bytes))
            return break_;
    }
    return break_ = wanted;
}

void AddressSpace::drop_object_pages(
    const MemoryObject& object, std::uint64_t first, std::uint64_t last, bool copies_too) {
    thread::MutexGuard guard(lock_);
    Shootdown shootdown(*this);
    for (const Mapping& mapping : mappings_) {
        const std::uint64_t start = mapping.offset >> page_shift, end = start + mapping.pages();
        if (mapping.object.get() != &object || end <= first || start >= last || !(mapping.shared || copies_too))
            continue;
        const std::uint64_t from = first > start ? first - start : 0;
        const std::uint64_t to = (last < end ? last : end) - start;
        drop_pages(mapping, mapping.start + from * page_size, mapping.start + to * page_size, shootdown);
    }
}

void AddressSpace::clear() {
    thread::MutexGuard guard(lock_);
    static_cast<void>(unmap_locked(0, layout_.highest)); // whole mappings only: nothing is split
}

AddressSpace::Usage AddressSpace::usage() const {
    thread::MutexGuard guard(lock_);
    Usage usage{.virtual_pages = virtual_pages_, .resident_pages = resident_};
    for (const Mapping& mapping : mappings_) {
        if (mapping.name_is_stack)
            usage.stack_pages += mapping.pages();
        else if (mapping.rights.execute)
            usage.code_pages += mapping.pages();
        else if (mapping.rights.write && !mapping.shared)
            usage.heap_pages += mapping.pages();
        if (!mapping.object)
            continue;
        table_.for_each_leaf(mapping.start, mapping.end, [&](std::uintptr_t, PageTable::Slot first, std::size_t count) {
            for (std::size_t i = 0; i < count; ++i)
                if (const PageTable::Entry entry = PageTable::nth(first, i).load();
                    entry != 0 && (mapping.shared || !mapping.is_ram() || !frame_is_exclusive(PageTable::frame(entry))))
                    ++usage.shared_pages;
        });
    }
    return usage;
}

} // namespace memory
