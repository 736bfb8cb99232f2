// The ordered set of an address space's mappings: finding, cutting, joining, and the gaps between them.

#include "memory/address_space.hpp"

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

} // namespace memory
