// Mappings: where they lie, how they are cut, joined and given back.

#include "memory/address_space.hpp"

#include "memory/frame.hpp"
#include "memory/page_entry.hpp"
#include "memory/shootdown.hpp"

#include <new>

namespace memory {

namespace {

std::uintptr_t guarded_start(const Mapping& mapping) {
    return mapping.grows_down && mapping.start > stack_guard ? mapping.start - stack_guard : mapping.start;
}

} // namespace

Mapping* clone_part(const Mapping& mapping, std::uintptr_t start, std::uintptr_t end) {
    return new (std::nothrow) Mapping{
        .start = start,
        .end = end,
        .rights = mapping.rights,
        .shared = mapping.shared,
        .may_write = mapping.may_write,
        .grows_down = mapping.grows_down,
        .name_is_stack = mapping.name_is_stack,
        .name_is_heap = mapping.name_is_heap,
        .inheritance = mapping.inheritance,
        .object = mapping.object,
        .offset = mapping.offset + (start - mapping.start),
    };
}

Mapping* AddressSpace::first_ending_after(std::uintptr_t address) {
    auto after = mappings_.upper_bound(address);
    if (after != mappings_.begin()) {
        auto before = after;
        --before;
        if (before->end > address)
            return &*before;
    }
    return after == mappings_.end() ? nullptr : &*after;
}

Mapping* AddressSpace::mapping_at(std::uintptr_t address) {
    Mapping* mapping = first_ending_after(address);
    return mapping && mapping->start <= address ? mapping : nullptr;
}

Result<AddressSpace::SharedPlace> AddressSpace::shared_place(std::uintptr_t address) {
    thread::MutexGuard guard(lock_);
    const Mapping* mapping = mapping_at(address);
    // As Linux has it: what nobody may write and nobody shares cannot be waited on.
    if (!mapping || !mapping->rights.read || (!mapping->object && !mapping->rights.write))
        return fail(Error::bad_address);
    if (!mapping->shared || !mapping->object)
        return SharedPlace{this, address};
    return SharedPlace{mapping->object.get(), mapping->offset + (address - mapping->start)};
}

Mapping* AddressSpace::next(Mapping& mapping) {
    auto at = MappingSet::s_iterator_to(mapping);
    return ++at == mappings_.end() ? nullptr : &*at;
}

Mapping* AddressSpace::previous(Mapping& mapping) {
    auto at = MappingSet::s_iterator_to(mapping);
    return at == mappings_.begin() ? nullptr : &*--at;
}

void AddressSpace::insert(Mapping& mapping) {
    if (mapping.object)
        mapping.object->add_view(mapping.view, *this);
    mappings_.insert(mapping);
    ++mapping_count_;
    virtual_pages_ += mapping.pages();
}

void AddressSpace::erase(Mapping& mapping) {
    if (last_fault_ == &mapping)
        last_fault_ = nullptr;
    if (mapping.object)
        mapping.object->remove_view(mapping.view);
    --mapping_count_;
    virtual_pages_ -= mapping.pages();
    mappings_.erase(MappingSet::s_iterator_to(mapping));
    delete &mapping;
}

/// Moves a mapping's borders; its order among the others stays.
void AddressSpace::resize(Mapping& mapping, std::uintptr_t start, std::uintptr_t end) {
    virtual_pages_ -= mapping.pages();
    mapping.offset += start - mapping.start;
    mapping.start = start;
    mapping.end = end;
    virtual_pages_ += mapping.pages();
}

/// Cuts a mapping in two; returns the upper part.
Result<Mapping*> AddressSpace::split(Mapping& mapping, std::uintptr_t at) {
    if (mapping_count_ >= max_mappings)
        return fail(Error::no_memory);
    Mapping* upper = clone_part(mapping, at, mapping.end);
    if (!upper)
        return fail(Error::no_memory);
    resize(mapping, mapping.start, at);
    insert(*upper);
    return upper;
}

/// Makes mappings begin at `start` and end at `end` where they now reach across; returns the first one in the range, or
/// null.
Result<Mapping*> AddressSpace::split_at_borders(std::uintptr_t start, std::uintptr_t end) {
    Mapping* first = first_ending_after(start);
    if (first && first->start < start)
        first = TRY(split(*first, start));
    if (Mapping* last = mapping_at(end); last && last->start < end)
        TRY(split(*last, end));
    return first && first->start < end ? first : nullptr;
}

Mapping& AddressSpace::merge_with_neighbours(Mapping& mapping) {
    Mapping* kept = &mapping;
    if (Mapping* before = previous(mapping); before && mapping.continues(*before)) {
        const std::uintptr_t end = mapping.end;
        erase(mapping);
        resize(*before, before->start, end);
        kept = before;
    }
    if (Mapping* after = next(*kept); after && after->continues(*kept)) {
        const std::uintptr_t end = after->end;
        erase(*after);
        resize(*kept, kept->start, end);
    }
    return *kept;
}

/// Joins what can be joined in and around [start, end).
void AddressSpace::merge_range(std::uintptr_t start, std::uintptr_t end) {
    Mapping* mapping = first_ending_after(start);
    while (mapping && mapping->start <= end)
        mapping = next(merge_with_neighbours(*mapping));
}

bool AddressSpace::is_free(std::uintptr_t start, std::uintptr_t end) {
    const Mapping* mapping = first_ending_after(start);
    return !mapping || mapping->start >= end;
}

bool AddressSpace::is_fully_mapped(std::uintptr_t start, std::uintptr_t end) {
    for (Mapping* mapping = first_ending_after(start); mapping && mapping->start <= start; mapping = next(*mapping)) {
        if (mapping->end >= end)
            return true;
        start = mapping->end;
    }
    return false;
}

std::uint64_t AddressSpace::pages_mapped_in(std::uintptr_t start, std::uintptr_t end) {
    std::uint64_t pages = 0;
    for (Mapping* mapping = first_ending_after(start); mapping && mapping->start < end; mapping = next(*mapping)) {
        const std::uintptr_t low = mapping->start > start ? mapping->start : start;
        const std::uintptr_t high = mapping->end < end ? mapping->end : end;
        pages += (high - low) >> page_shift;
    }
    return pages;
}

/// The end of a range of whole pages inside the layout. Errors: invalid_argument.
Result<std::uintptr_t> AddressSpace::end_of(std::uintptr_t start, std::size_t bytes) const {
    const std::uintptr_t highest = layout_.highest;
    if (start % page_size != 0 || bytes == 0 || bytes > highest || start > highest - align_up(bytes, page_size))
        return fail(Error::invalid_argument);
    return start + align_up(bytes, page_size);
}

Result<std::uintptr_t> AddressSpace::find_gap(std::size_t bytes) {
    if (layout_.search_down) {
        std::uintptr_t end = layout_.search_start < layout_.highest ? layout_.search_start : layout_.highest;
        for (auto at = mappings_.lower_bound(end);;) {
            const Mapping* below = at == mappings_.begin() ? nullptr : &*--at;
            const std::uintptr_t low = below && below->end > layout_.lowest ? below->end : layout_.lowest;
            if (end > low && end - low >= bytes)
                return end - bytes;
            if (!below || below->start <= layout_.lowest)
                break;
            if (guarded_start(*below) < end)
                end = guarded_start(*below);
        }
    }
    // Upwards: the layout's way, or the last resort when nothing is free below the start.
    std::uintptr_t start = layout_.search_down ? layout_.lowest : layout_.search_start;
    for (Mapping* above = first_ending_after(start);; above = next(*above)) {
        const std::uintptr_t end = above ? guarded_start(*above) : layout_.highest;
        if (end > start && end - start >= bytes)
            return start;
        if (!above)
            return fail(Error::no_memory);
        start = above->end > start ? above->end : start;
    }
}

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

void AddressSpace::initialise_break(std::uintptr_t start) {
    thread::MutexGuard guard(lock_);
    break_start_ = break_ = start;
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
