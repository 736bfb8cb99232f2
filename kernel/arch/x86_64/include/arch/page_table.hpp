#pragma once
// Four-level paging (SDM volume 3, 4.5), for the one walker in memory/, and the layout of the address space.

#include "lib/address.hpp"
#include "lib/page_rights.hpp"

#include <arch/offsets.hpp>
#include <cstddef>
#include <cstdint>

namespace thread {
struct CpuMask;
}

namespace arch {

struct PageTableFormat {
    using Entry = std::uint64_t;
    static constexpr unsigned levels = 4; // level 0 is the root (PML4)
    static constexpr unsigned entry_bits = 9;
    static constexpr bool root_shared_with_kernel = true;
    static constexpr bool isolated_root_mirrors_user = true;

    static constexpr Entry present = 1u << 0, writable = 1u << 1, user = 1u << 2, write_through = 1u << 3,
                           uncached = 1u << 4, accessed = 1u << 5, dirty = 1u << 6, block = 1u << 7, global = 1u << 8;
    static constexpr Entry no_execute = Entry{1} << 63;
    static constexpr Entry address_mask = 0x000f'ffff'ffff'f000;

    /// 1 where the CPU has 1 GiB pages, else 2.
    static unsigned largest_block_level();

    /// A present page can always be read. No right at all: an entry that is not present.
    static constexpr Entry make_page(PhysAddr address, PageRights rights, unsigned level) {
        if (!rights.read && !rights.write && !rights.execute)
            return 0;
        Entry entry = address.value | present | accessed;
        if (rights.write)
            entry |= writable;
        if (rights.user)
            entry |= user;
        else
            entry |= dirty; // nobody asks whether the kernel wrote
        if (!rights.execute)
            entry |= no_execute;
        if (rights.device)
            entry |= uncached | write_through;
        if (rights.global)
            entry |= global;
        if (level != levels - 1)
            entry |= block;
        return entry;
    }
    static constexpr Entry make_table(PhysAddr table) { return table.value | present | writable | user | accessed; }
    static constexpr bool is_present(Entry entry) { return (entry & present) != 0; }
    static constexpr bool is_table(Entry entry, unsigned level) {
        return is_present(entry) && level != levels - 1 && (entry & block) == 0;
    }
    static constexpr PhysAddr address(Entry entry) { return {entry & address_mask}; }
    static constexpr PageRights rights(Entry entry) {
        return {
            .read = is_present(entry),
            .write = (entry & writable) != 0,
            .execute = is_present(entry) && (entry & no_execute) == 0,
            .user = (entry & user) != 0,
            .device = (entry & uncached) != 0,
            .global = (entry & global) != 0};
    }
    static constexpr bool is_dirty(Entry entry) { return (entry & dirty) != 0; }
};

/// First address that no user mapping may reach: one page short of the canonical half, so that no instruction ends
/// at its border and sysret never sees a pc outside.
inline constexpr std::uintptr_t user_top = 0x0000'7fff'ffff'f000;
inline constexpr std::uintptr_t direct_map_base = 0xffff'8000'0000'0000; // up to 64 TiB
inline constexpr std::uintptr_t vmap_base = 0xffff'c000'0000'0000;
inline constexpr std::uintptr_t vmap_size = std::uintptr_t{1} << 39;
/// Only in isolated roots: their threads' frames.
inline constexpr std::uintptr_t isolated_frames_base = 0xffff'ff00'0000'0000;
inline constexpr std::uintptr_t image_base = IMAGE_BASE;

template <typename T = void>
T* phys_to_virt(PhysAddr address) {
    return reinterpret_cast<T*>(direct_map_base + address.value);
}
inline PhysAddr virt_to_phys(const void* in_direct_map) {
    return {reinterpret_cast<std::uintptr_t>(in_direct_map) - direct_map_base};
}
/// For objects of the kernel image.
inline PhysAddr image_to_phys(const void* in_image) {
    return {reinterpret_cast<std::uintptr_t>(in_image) - image_base};
}

PhysAddr kernel_root();
/// Gives a zeroed frame the kernel's upper half.
void initialise_user_root(std::uint64_t* root);

struct Translation {
    PhysAddr root;          // user and kernel
    PhysAddr isolated_root; // user and trampoline_mappings() only
    std::uint16_t asid = 0;
    bool isolated = false;
};

/// Interrupts off. Which of the two ways in and out this CPU uses goes with it: the system-call entry, and whether
/// kernel pages may stay in the TLB as global ones.
void activate_translation(const Translation& translation);
void activate_kernel_translation();
constexpr unsigned asid_bits() {
    return 0;
}

/// A new mapping needs nothing: the walker of the CPU sees stores in order, and no absent entry is cached.
inline void publish_entry_write() {
    asm volatile("" ::: "memory");
}

/// These return when no CPU of the set (this one included, when it is in it) holds the old translation. They may be
/// called with interrupts on or off, but with no spin lock that another CPU takes with its interrupts off.
void flush_user_page(const Translation& translation, std::uintptr_t va, const thread::CpuMask& cpus);
void flush_user_all(const Translation& translation, const thread::CpuMask& cpus);
/// Whole pages of the kernel's own half, on all CPUs.
void flush_kernel_range(std::uintptr_t va, std::size_t bytes);
/// Called by trap::handle_ipi.
void handle_flush_ipi();

/// Stores reach the instruction fetch of every CPU by themselves (SDM volume 3, 9.1.3: a branch on the same CPU, a
/// serialising instruction such as iret on another).
inline void synchronise_instructions(std::uintptr_t, std::size_t) {
    asm volatile("" ::: "memory");
}

inline void zero_page(void* page) {
    std::size_t count = page_size / 8;
    asm volatile("rep stosq" : "+D"(page), "+c"(count) : "a"(0) : "memory");
}
inline void copy_page(void* to, const void* from) {
    std::size_t count = page_size / 8;
    asm volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(count)::"memory");
}

} // namespace arch
