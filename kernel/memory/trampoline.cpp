// The second entry mode: in user mode only the program's own pages, the trampoline and the threads' frame pages are
// mapped.

#include "memory/address_space.hpp"
#include "memory/frame.hpp"
#include "thread/thread.hpp"

#include <arch/trampoline.hpp>
#include <bit>

namespace memory {

namespace {

constexpr PageRights frame_rights{.read = true, .write = true};

} // namespace

Result<> AddressSpace::create_isolated_root() {
    const PhysAddr root = TRY(allocate_zeroed_frame());
    frame_of(root).references.store(0, std::memory_order_relaxed);
    translation_.isolated_root = root;
    translation_.isolated = true;
    isolated_table_.use_root(root);
    if (PageTable::Format::isolated_root_mirrors_user)
        table_.use_root(translation_.root, root);
    for (const arch::TrampolineMapping& mapping : arch::trampoline_mappings())
        for (std::size_t i = 0; i < mapping.pages; ++i) {
            const PageTable::Slot slot = TRY(isolated_table_.make(mapping.va + i * page_size));
            PageTable::fill(
                slot, PageTable::Format::make_page(mapping.pa + i * page_size, mapping.rights, PageTable::leaf));
        }
    arch::publish_entry_write();
    return {};
}

/// User pages and their tables are gone already.
void AddressSpace::destroy_isolated_root() {
    if (!isolated_table_.has_root())
        return;
    for (unsigned slot = 0; slot < max_isolated_threads; ++slot)
        if ((slots_[slot / 64] >> (slot % 64)) & 1)
            free_frame(PageTable::frame(isolated_table_.find(arch::trampoline_frame_address(slot)).load()));
    // Tables for user addresses that a failed make() left behind are shown by both roots, and go with the other one.
    constexpr std::uintptr_t own =
        PageTable::Format::isolated_root_mirrors_user ? align_up(arch::user_top, PageTable::span(0)) : 0;
    isolated_table_.free_all_tables(own, ~std::uintptr_t{0});
    free_frame(translation_.isolated_root);
}

Result<> AddressSpace::attach_thread(thread::Thread& thread) {
    if (mode_ == EntryMode::direct) {
        thread.frame = &thread.own_frame;
        arch::bind_frame(thread.own_frame, thread, thread.kernel_stack, translation_, 0);
        return {};
    }
    thread::MutexGuard guard(lock_);
    unsigned slot = 0;
    while (slot < max_isolated_threads && slots_[slot / 64] == ~std::uint64_t{0})
        slot += 64;
    if (slot >= max_isolated_threads)
        return fail(Error::try_again);
    slot += static_cast<unsigned>(std::countr_one(slots_[slot / 64]));
    const std::uintptr_t view = arch::trampoline_frame_address(slot);
    const PageTable::Slot entry = TRY(isolated_table_.make(view));
    const PhysAddr page = TRY(allocate_zeroed_frame());
    PageTable::fill(entry, PageTable::Format::make_page(page, frame_rights, PageTable::leaf));
    arch::publish_entry_write();
    slots_[slot / 64] |= std::uint64_t{1} << (slot % 64);

    auto* frame = arch::phys_to_virt<arch::UserFrame>(page);
    *frame = thread.own_frame;
    thread.frame = frame;
    thread.frame_slot = static_cast<std::uint16_t>(slot);
    arch::bind_frame(*frame, thread, thread.kernel_stack, translation_, view);
    return {};
}

void AddressSpace::detach_thread(thread::Thread& thread) {
    if (mode_ == EntryMode::direct || thread.frame == &thread.own_frame)
        return;
    thread::MutexGuard guard(lock_);
    const unsigned slot = thread.frame_slot;
    const std::uintptr_t view = arch::trampoline_frame_address(slot);
    const PhysAddr page = arch::virt_to_phys(thread.frame);
    thread.own_frame = *thread.frame;
    thread.frame = &thread.own_frame;
    static_cast<void>(PageTable::empty(isolated_table_.find(view)));
    flush_page(view);
    free_frame(page);
    slots_[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
}

} // namespace memory
