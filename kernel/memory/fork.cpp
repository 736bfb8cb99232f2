// fork(): the mappings are copied, the pages shared. A private page that may be written becomes read-only in both
// spaces, until make_writable() copies it or finds that the other space has let go of it.

#include "memory/address_space.hpp"
#include "memory/frame.hpp"
#include "memory/page_entry.hpp"

namespace memory {

Result<Ref<AddressSpace>> AddressSpace::fork() {
    Ref<AddressSpace> child = TRY(create(mode_, layout_));
    thread::MutexGuard guard(lock_);
    thread::MutexGuard child_guard(child->lock_);
    child->limit_pages = limit_pages;
    child->stack_limit = stack_limit;
    child->break_limit = break_limit;
    child->personality_bits.store(personality_bits.load(std::memory_order_relaxed), std::memory_order_relaxed);
    child->break_start_ = break_start_;
    child->break_ = break_;
    Result<> copied;
    for (const Mapping& mapping : mappings_)
        if (mapping.inheritance != Inheritance::left_out && copied)
            copied = copy_mapping(mapping, *child);
    flush_all(); // also after a failure: what became read-only here must not stay writable in a TLB
    if (!copied)
        return fail(copied.error());
    return child;
}

Result<> AddressSpace::copy_mapping(const Mapping& mapping, AddressSpace& child) {
    Mapping* copy = clone_part(mapping, mapping.start, mapping.end);
    if (!copy)
        return fail(Error::no_memory);
    child.insert(*copy);
    return mapping.inheritance == Inheritance::zeroed ? Result<>() : copy_pages(mapping, child);
}

Result<> AddressSpace::copy_pages(const Mapping& mapping, AddressSpace& child) {
    const bool counted = mapping.is_ram();
    const bool write_protect = !mapping.shared && counted;
    const PageRights shared_rights = entry_rights(mapping, false);
    Result<> result;
    table_.for_each_leaf(
        mapping.start, mapping.end,
        [&](std::uintptr_t at, PageTable::Slot first, std::size_t count) NO_THREAD_SAFETY_ANALYSIS {
            const std::uint32_t in_table = PageTable::used(first);
            if (in_table == 0 || !result)
                return;
            const Result<PageTable::Slot> made = child.table_.make(at);
            if (!made) {
                result = fail(made.error());
                return;
            }
            std::uint32_t copied = 0;
            for (std::size_t i = 0; i < count && copied != in_table; ++i) {
                const PageTable::Slot slot = PageTable::nth(first, i);
                PageTable::Entry entry = slot.load();
                if (entry == 0)
                    continue;
                const PhysAddr frame = PageTable::frame(entry);
                if (write_protect && is_writable(entry)) {
                    entry = page_entry(shared_rights, frame);
                    PageTable::replace(slot, entry);
                }
                if (counted)
                    add_frame_reference(frame);
                PageTable::replace(PageTable::nth(*made, i), entry);
                ++copied;
            }
            PageTable::add_used(*made, copied);
            child.resident_ += copied;
        });
    child.peak_resident_ = child.resident_;
    return result;
}

} // namespace memory
