#pragma once
// Sv39 (privileged specification, 4.4), address-space identifiers, TLB maintenance.
//
// Virtual memory:  0 .. user_top             user
//                  the last GiB below 1<<38  trampoline page at its end, frame pages below (isolated tables)
//                  direct_map_base ..        all RAM at base + physical address; the kernel image runs inside it, so
//                  that
//                                            no frame of it has a second, writable name
//                  vmap_base ..              kernel stacks, device registers

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
    static constexpr unsigned levels = 3;
    static constexpr unsigned entry_bits = 9;
    static constexpr unsigned largest_block_level = 0; // 1 GiB
    static constexpr bool root_shared_with_kernel = true;
    static constexpr bool isolated_root_mirrors_user = true;

    enum Bits : Entry {
        valid = 1 << 0,
        readable = 1 << 1,
        writable = 1 << 2,
        executable = 1 << 3,
        user = 1 << 4,
        global = 1 << 5,
        accessed = 1 << 6, // set from the start: some CPUs fault instead of setting it
        dirty = 1 << 7,    // likewise
        device = 1 << 8,   // software's; what is device memory is decided by its physical address (PMA)
    };
    static constexpr unsigned frame_shift = 10; // the frame number's lowest bit
    static constexpr Entry frame_mask = ((Entry{1} << 44) - 1) << frame_shift;

    /// A leaf at any level. Write implies read: the pair W without R is reserved. No right at all: not present, because
    /// V alone means a table.
    static constexpr Entry make_page(PhysAddr address, PageRights rights, [[maybe_unused]] unsigned level) {
        const bool any = rights.read || rights.write || rights.execute;
        return address.frame_number() << frame_shift | accessed | (any ? valid : 0)
               | (rights.read || rights.write ? readable : 0) | (rights.write ? writable | dirty : 0)
               | (rights.execute ? executable : 0) | (rights.user ? user : 0) | (rights.global ? global : 0)
               | (rights.device ? device : 0);
    }
    static constexpr Entry make_table(PhysAddr address) { return address.frame_number() << frame_shift | valid; }

    static constexpr bool is_present(Entry entry) { return entry & valid; }
    static constexpr bool is_table(Entry entry, [[maybe_unused]] unsigned level) {
        return (entry & (valid | readable | writable | executable)) == valid;
    }
    static constexpr PhysAddr address(Entry entry) { return {(entry & frame_mask) >> frame_shift << page_shift}; }
    static constexpr PageRights rights(Entry entry) {
        return {
            .read = (entry & readable) != 0,
            .write = (entry & writable) != 0,
            .execute = (entry & executable) != 0,
            .user = (entry & user) != 0,
            .device = (entry & device) != 0,
            .global = (entry & global) != 0};
    }
    /// Whoever may write is taken to have written.
    static constexpr bool is_dirty(Entry entry) { return entry & writable; }
};

inline constexpr std::size_t gigabyte = std::size_t{1} << 30;

/// First address that no user mapping may reach: the last GiB of the low half is the trampoline's.
inline constexpr std::uintptr_t user_top = (std::uintptr_t{1} << 38) - gigabyte;

inline constexpr std::uintptr_t direct_map_base = DIRECT_MAP_BASE;
inline constexpr std::uintptr_t vmap_base = 0xffffffff80000000;
inline constexpr std::size_t vmap_size = gigabyte;

template <typename T>
T* phys_to_virt(PhysAddr address) {
    return reinterpret_cast<T*>(direct_map_base + address.value);
}
/// For direct-map addresses, the kernel image's among them.
inline PhysAddr virt_to_phys(const void* address) {
    return {reinterpret_cast<std::uintptr_t>(address) - direct_map_base};
}

/// The table with no user half.
PhysAddr kernel_root();
/// Makes a zeroed frame a root: the kernel's half and the trampoline.
void initialise_user_root(std::uint64_t* root);

struct Translation {
    PhysAddr root, isolated_root;
    std::uint16_t asid = 0; // 0 is the kernel's own
    bool isolated = false;
};

/// Makes the user half and entry mode current on this CPU. Interrupts off.
void activate_translation(const Translation& translation);
/// No user half.
void activate_kernel_translation();
/// Loads a root that memory/ does not know, as satp has it, and drops what this CPU was not told of meanwhile. The
/// caller has put it into Cpu::foreign_root before. Interrupts off.
void activate_foreign_translation(std::uint64_t satp);

/// Identifiers 1 .. (1 << asid_bits()) - 1 may be given out; 0 bits: none, every activation flushes. (Each takes two of
/// the hardware's: one for the full table, one for the isolated one.)
unsigned asid_bits();

/// After table writes, before a mapping is used. The CPU may have remembered that an entry was invalid; that shows as a
/// fault, which the trap path answers with a flush of that address, so nothing needs flushing here.
inline void publish_entry_write() {
    asm volatile("fence w, rw" : : : "memory");
}

/// Drops what the CPUs in the mask may remember of one page, or of the whole address space. The firmware interrupts the
/// other CPUs (SBI RFENCE), so these may be called with interrupts off and locks held.
void flush_user_page(const Translation& translation, std::uintptr_t va, const thread::CpuMask& cpus);
void flush_user_all(const Translation& translation, const thread::CpuMask& cpus);
/// Whole pages of the kernel's own half, on all CPUs.
void flush_kernel_range(std::uintptr_t va, std::size_t bytes);
/// Drops everything on this CPU.
void handle_flush_ipi();

/// Makes written bytes fetchable as instructions, on all CPUs.
void synchronise_instructions(std::uintptr_t kernel_va, std::size_t bytes);

/// Whole pages, page aligned.
extern "C" void zero_page(void* page);
extern "C" void copy_page(void* to, const void* from);

} // namespace arch
