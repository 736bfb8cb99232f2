// Page faults: demand zero, pages of objects, copy on write, stacks that grow.

#include "memory/address_space.hpp"
#include "memory/frame.hpp"
#include "memory/page_entry.hpp"

namespace memory {

namespace {

/// Neighbours that a fault in an object's mapping maps as well, when they are at hand.
constexpr std::uintptr_t fault_window = 16 * page_size;

bool is_allowed(const Mapping& mapping, Access access) {
    switch (access) {
    case Access::read:
        return mapping.rights.read || mapping.rights.write || mapping.rights.execute;
    case Access::write:
        return mapping.rights.write;
    case Access::execute:
        return mapping.rights.execute;
    }
    return false;
}

void keep_peak(std::uint64_t& peak, std::uint64_t value) {
    if (value > peak)
        peak = value;
}

/// Enough where an entry allows more than before: another CPU that still has the old one faults, and comes here too.
void flush_here(const arch::Translation& translation, std::uintptr_t page) {
    InterruptGuard stay_here;
    arch::flush_user_page(translation, page, thread::CpuMask::one(arch::current_cpu().index));
}

Result<PhysAddr> copy_of(PhysAddr frame) {
    const PhysAddr copy = TRY(allocate_frame());
    arch::copy_page(arch::phys_to_virt<void>(copy), arch::phys_to_virt<void>(frame));
    return copy;
}

} // namespace

Result<> AddressSpace::handle_fault(std::uintptr_t address, Access access) {
    thread::MutexGuard guard(lock_);
    Mapping* mapping = last_fault_;
    if (!mapping || address < mapping->start || address >= mapping->end) {
        mapping = mapping_at(address);
        if (!mapping)
            mapping = grow_stack(address);
        if (!mapping)
            return fail(Error::bad_address);
        last_fault_ = mapping;
    }
    if (!is_allowed(*mapping, access))
        return fail(Error::access_denied);
    ++faults_;
    return resolve(*mapping, align_down(address, page_size), access);
}

/// The mapping that a stack becomes when it is extended to `address`; null when no stack may grow there.
Mapping* AddressSpace::grow_stack(std::uintptr_t address) {
    Mapping* stack = first_ending_after(address);
    if (!stack || !stack->grows_down || address < layout_.lowest)
        return nullptr;
    const std::uintptr_t start = align_down(address, page_size);
    if (stack->end - start > stack_limit)
        return nullptr;
    if (const Mapping* below = previous(*stack); below && !below->grows_down && start - below->end < stack_guard)
        return nullptr;
    if (virtual_pages_ + ((stack->start - start) >> page_shift) > limit_pages)
        return nullptr;
    resize(*stack, start, stack->end);
    return stack;
}

/// Makes one access to a page possible. The mapping allows it.
Result<> AddressSpace::resolve(Mapping& mapping, std::uintptr_t page, Access access) {
    const PageTable::Slot slot = TRY(table_.make(page));
    const PageTable::Entry entry = slot.load();
    if (entry == 0)
        return fill(mapping, page, slot, access);
    if (access == Access::write && !is_writable(entry))
        return make_writable(mapping, page, slot);
    // Somebody else was faster, or this CPU remembers the entry as it was.
    flush_here(translation_, page);
    return {};
}

/// Puts a page into an empty slot.
Result<> AddressSpace::fill(Mapping& mapping, std::uintptr_t page, PageTable::Slot slot, Access access) {
    const bool writes = access == Access::write;
    if (!mapping.object) {
        if (writes) {
            install(mapping, slot, TRY(allocate_zeroed_frame()), true);
        } else {
            const PhysAddr frame = zero_frame();
            add_frame_reference(frame);
            install(mapping, slot, frame, false);
        }
        arch::publish_entry_write();
        return {};
    }
    const PhysAddr frame = TRY(mapping.object->page(mapping.object_page(page), writes && mapping.shared));
    if (mapping.shared || !mapping.is_ram()) {
        install(mapping, slot, frame, writes || !object_hears_writes(mapping));
    } else if (writes) {
        const Result<PhysAddr> copy = copy_of(frame);
        release_frame(frame);
        install(mapping, slot, TRY(copy), true);
    } else {
        install(mapping, slot, frame, false);
    }
    if (!writes && mapping.is_ram())
        fill_around(mapping, page);
    arch::publish_entry_write();
    return {};
}

/// The page's neighbours in the same table that the object has at hand.
void AddressSpace::fill_around(Mapping& mapping, std::uintptr_t page) {
    const std::uintptr_t window = align_down(page, fault_window);
    const std::uintptr_t start = window > mapping.start ? window : mapping.start;
    const std::uintptr_t end = window + fault_window < mapping.end ? window + fault_window : mapping.end;
    const PageTable::Slot first = table_.find(start); // the window is aligned: all in one table, which exists
    const PageRights rights = entry_rights(mapping, mapping.shared && !object_hears_writes(mapping));
    std::uint32_t filled = 0;
    for (std::uintptr_t at = start; at < end; at += page_size) {
        const PageTable::Slot slot = PageTable::nth(first, (at - start) >> page_shift);
        if (slot.load() != 0)
            continue;
        const std::optional<PhysAddr> frame = mapping.object->resident_page(mapping.object_page(at));
        if (!frame)
            continue;
        synchronise_code(mapping, *frame);
        PageTable::replace(slot, page_entry(rights, *frame));
        ++filled;
    }
    PageTable::add_used(first, filled);
    resident_ += filled;
    keep_peak(peak_resident_, resident_);
}

void AddressSpace::install(const Mapping& mapping, PageTable::Slot slot, PhysAddr frame, bool writable) {
    synchronise_code(mapping, frame);
    PageTable::fill(slot, page_entry(mapping, frame, writable));
    keep_peak(peak_resident_, ++resident_);
}

/// A page is there but not writable yet: copied when others use it too.
Result<> AddressSpace::make_writable(Mapping& mapping, std::uintptr_t page, PageTable::Slot slot) {
    const PhysAddr frame = PageTable::frame(slot.load());
    if (mapping.shared || !mapping.is_ram()) {
        if (object_hears_writes(mapping))
            release_frame(TRY(mapping.object->page(mapping.object_page(page), true)));
        PageTable::replace(slot, page_entry(mapping, frame, true));
        flush_here(translation_, page);
        return {};
    }
    if (frame_is_exclusive(frame)) {
        PageTable::replace(slot, page_entry(mapping, frame, true));
        flush_here(translation_, page);
        return {};
    }
    const bool is_zero = frame == zero_frame();
    const PhysAddr copy = is_zero ? TRY(allocate_zeroed_frame()) : TRY(copy_of(frame));
    synchronise_code(mapping, copy);
    // The page's address changes: no CPU may see the old and the new one at once (Arm ARM D8.16 "break-before-make").
    PageTable::replace(slot, 0);
    flush_page(page);
    PageTable::replace(slot, page_entry(mapping, copy, true));
    arch::publish_entry_write();
    release_frame(frame);
    return {};
}

Result<> AddressSpace::populate_locked(std::uintptr_t start, std::uintptr_t end) {
    for (Mapping* mapping = first_ending_after(start); mapping && mapping->start < end; mapping = next(*mapping)) {
        const Access access = mapping->rights.write && (!mapping->shared || !object_hears_writes(*mapping))
                                  ? Access::write
                                  : Access::read;
        if (!is_allowed(*mapping, access))
            continue;
        const std::uintptr_t high = mapping->end < end ? mapping->end : end;
        for (std::uintptr_t page = mapping->start > start ? mapping->start : start; page < high; page += page_size) {
            const PageTable::Slot slot = TRY(table_.make(page));
            const PageTable::Entry entry = slot.load();
            if (entry == 0)
                TRY(fill(*mapping, page, slot, access));
            else if (access == Access::write && !is_writable(entry))
                TRY(make_writable(*mapping, page, slot));
        }
    }
    return {};
}

Result<> AddressSpace::populate(std::uintptr_t start, std::size_t bytes) {
    const std::uintptr_t end = TRY(end_of(start, bytes));
    thread::MutexGuard guard(lock_);
    if (!is_fully_mapped(start, end))
        return fail(Error::no_memory);
    return populate_locked(start, end);
}

void AddressSpace::populate_all() {
    thread::MutexGuard guard(lock_);
    static_cast<void>(populate_locked(0, layout_.highest));
}

/// The frame behind an address, for an access by the kernel that the mapping's rights need not allow. For a write it is
/// the space's own.
Result<PhysAddr> AddressSpace::frame_for(std::uintptr_t address, Access access) {
    Mapping* mapping = address < layout_.highest ? mapping_at(address) : nullptr;
    if (!mapping || !mapping->is_ram())
        return fail(Error::bad_address);
    const std::uintptr_t page = align_down(address, page_size);
    const PageTable::Slot slot = TRY(table_.make(page));
    if (slot.load() == 0)
        TRY(fill(*mapping, page, slot, access));
    else if (
        access == Access::write
        && !(is_writable(slot.load()) || (!mapping->shared && frame_is_exclusive(PageTable::frame(slot.load())))))
        TRY(make_writable(*mapping, page, slot));
    return PageTable::frame(slot.load());
}

Result<> AddressSpace::read_foreign(std::uintptr_t from, std::span<std::byte> to) {
    thread::MutexGuard guard(lock_);
    while (!to.empty()) {
        const std::size_t offset = from % page_size;
        const std::size_t part = to.size() < page_size - offset ? to.size() : page_size - offset;
        const PhysAddr frame = TRY(frame_for(from, Access::read));
        __builtin_memcpy(to.data(), arch::phys_to_virt<std::byte>(frame) + offset, part);
        from += part;
        to = to.subspan(part);
    }
    return {};
}

Result<> AddressSpace::write_foreign(std::uintptr_t to, std::span<const std::byte> from) {
    thread::MutexGuard guard(lock_);
    while (!from.empty()) {
        const std::size_t offset = to % page_size;
        const std::size_t part = from.size() < page_size - offset ? from.size() : page_size - offset;
        const PhysAddr frame = TRY(frame_for(to, Access::write));
        __builtin_memcpy(arch::phys_to_virt<std::byte>(frame) + offset, from.data(), part);
        to += part;
        from = from.subspan(part);
    }
    return {};
}

} // namespace memory
