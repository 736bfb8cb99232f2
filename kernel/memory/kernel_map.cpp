#include "memory/kernel_map.hpp"

#include "lib/spinlock.hpp"
#include "memory/frame.hpp"
#include "memory/frame_boot.hpp"
#include "memory/page_table.hpp"

#include <array>

namespace memory {
namespace {

// The kernel's window: stacks from its start upwards, device registers from its end downwards. A stack's slot is twice
// its size and aligned to that; the stack is the upper half, so that an overflow shows in the address bit of its size
// and runs into nothing mapped.
constexpr std::uintptr_t stack_slot = 2 * kernel_stack_size;
constexpr std::size_t stack_pages = kernel_stack_size / page_size;
/// Giving a stack back makes every CPU forget its pages, so many are kept: up to so many, and no more than a 64th of
/// memory.
constexpr std::size_t max_kept_stacks = 256;
constexpr std::size_t kept_share = 64;

struct KernelMap {
    Spinlock lock;
    std::uintptr_t stacks_end GUARDED_BY(lock) = arch::vmap_base;
    std::uintptr_t devices_start GUARDED_BY(lock) = arch::vmap_base + (arch::vmap_size - 1);
    std::uintptr_t free_slots GUARDED_BY(lock) = 0; // tops of slots without a stack: a list through `link_of`
    std::array<std::uintptr_t, max_kept_stacks> kept
        GUARDED_BY(lock){}; // stacks ready for use, which count as free memory
    std::size_t kept_count GUARDED_BY(lock) = 0;
};
constinit KernelMap map;

constexpr PageRights stack_rights{.read = true, .write = true, .global = true};
constexpr PageRights device_rights{.read = true, .write = true, .device = true, .global = true};

/// A slot that has been given back has its tables still; the entry of its lowest page, which is never mapped, holds the
/// next free slot. Bit 0, the valid bit of every format, is clear there.
PageTable::Entry& link_of(PageTable& table, std::uintptr_t top) {
    return *table.find(top - stack_slot).entry;
}

/// Takes a slot's address. 0: the window is full.
std::uintptr_t take_slot(PageTable& table) REQUIRES(map.lock) {
    if (map.free_slots != 0) {
        const std::uintptr_t top = map.free_slots;
        map.free_slots = link_of(table, top);
        link_of(table, top) = 0;
        return top;
    }
    const std::uintptr_t top = align_up(map.stacks_end, stack_slot) + stack_slot;
    if (top > map.devices_start)
        return 0;
    map.stacks_end = top;
    return top;
}

void give_slot(PageTable& table, std::uintptr_t top) REQUIRES(map.lock) {
    link_of(table, top) = map.free_slots;
    map.free_slots = top;
}

/// Maps fresh frames from the top down; returns how many pages it got.
std::size_t map_stack(PageTable& table, std::uintptr_t top) REQUIRES(map.lock) {
    for (std::size_t pages = 0; pages < stack_pages; ++pages) {
        const Result<PhysAddr> frame = allocate_frame();
        if (!frame)
            return pages;
        if (!table.map_kernel(top - (pages + 1) * page_size, *frame, stack_rights)) {
            free_frame(*frame);
            return pages;
        }
    }
    return stack_pages;
}

/// Unmaps the stack's pages from the top down to `pages` of them and frees their frames.
void unmap_stack(PageTable& table, std::uintptr_t top, std::size_t pages) {
    const std::uintptr_t bottom = top - pages * page_size;
    std::array<PhysAddr, stack_pages> frames;
    for (std::size_t i = 0; i < pages; ++i) {
        const PageTable::Slot slot = table.find(bottom + i * page_size);
        frames[i] = PageTable::frame(slot.load());
        __atomic_store_n(slot.entry, 0, __ATOMIC_RELAXED);
    }
    {
        InterruptGuard stay_here;
        arch::flush_kernel_range(bottom, pages * page_size);
    }
    for (std::size_t i = 0; i < pages; ++i)
        free_frame(frames[i]);
}

} // namespace

Result<std::uintptr_t> allocate_kernel_stack() {
    PageTable table;
    table.use_root(arch::kernel_root());
    std::uintptr_t top = 0;
    std::size_t pages = 0;
    {
        SpinlockGuard guard(map.lock);
        if (map.kept_count != 0) {
            count_reserve(-static_cast<std::int64_t>(stack_pages));
            return map.kept[--map.kept_count];
        }
        top = take_slot(table);
        if (top == 0)
            return fail(Error::no_memory);
        pages = map_stack(table, top);
    }
    if (pages == stack_pages) {
        arch::publish_entry_write();
        return top;
    }
    if (pages != 0)
        unmap_stack(table, top, pages);
    SpinlockGuard guard(map.lock);
    // Without a table for its lowest page the slot cannot be linked; then most likely it was the last one.
    if (table.find(top - stack_slot).entry)
        give_slot(table, top);
    else if (map.stacks_end == top)
        map.stacks_end = top - stack_slot;
    return fail(Error::no_memory);
}

void free_kernel_stack(std::uintptr_t top) {
    {
        SpinlockGuard guard(map.lock);
        const std::size_t limit = total_frame_count() / (kept_share * stack_pages);
        if (map.kept_count < (limit < max_kept_stacks ? limit : max_kept_stacks)) {
            map.kept[map.kept_count++] = top;
            count_reserve(static_cast<std::int64_t>(stack_pages));
            return;
        }
    }
    PageTable table;
    table.use_root(arch::kernel_root());
    unmap_stack(table, top, stack_pages);
    SpinlockGuard guard(map.lock);
    give_slot(table, top);
}

Result<volatile void*> map_device(PhysAddr start, std::size_t bytes) {
    PageTable table;
    table.use_root(arch::kernel_root());
    constexpr unsigned block_level = PageTable::leaf - 1;
    constexpr std::uintptr_t block = PageTable::span(block_level);
    const std::uint64_t first = align_down(start.value, page_size);
    const std::uint64_t size = align_up(start.value + bytes, page_size) - first;
    if (bytes == 0 || size > arch::vmap_size / 2)
        return fail(Error::no_memory);

    SpinlockGuard guard(map.lock);
    // The same offset within a block as the physical address has, so that large windows can be mapped by blocks.
    std::uintptr_t at = align_down(map.devices_start, page_size) - page_size - size; // an unmapped page behind it
    at = align_down(at, block) + (first & (block - 1))
         - (align_down(at, block) + (first & (block - 1)) > at ? block : 0);
    if (at < map.stacks_end || at > map.devices_start)
        return fail(Error::no_memory);
    for (std::uint64_t done = 0; done < size;) {
        const bool whole_block = ((first + done) & (block - 1)) == 0 && size - done >= block;
        TRY(table.map_kernel(at + done, {first + done}, device_rights, whole_block ? block_level : PageTable::leaf));
        done += whole_block ? block : page_size;
    }
    map.devices_start = at;
    arch::publish_entry_write();
    return reinterpret_cast<volatile void*>(at + (start.value - first));
}

void detail::reset_kernel_map() {
    SpinlockGuard guard(map.lock);
    map.stacks_end = arch::vmap_base;
    map.devices_start = arch::vmap_base + (arch::vmap_size - 1);
    map.free_slots = 0;
    map.kept_count = 0;
}

} // namespace memory
