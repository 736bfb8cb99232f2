#pragma once
// VMSAv8-64 translation tables, 4 KiB granule, 48-bit addresses. Arm ARM (DDI 0487) D8.
//
//     0x0000'0000'0000'0000  user, TTBR0_EL1
//     0xffff'0000'0000'0000  direct map: physical address 0 and up            TTBR1_EL1 from here on
//     0xffff'8000'0000'0000  vmap: kernel stacks, device registers
//     0xffff'ff00'0000'0000  frames of isolated threads, in isolated roots only
//     0xffff'ffff'8000'0000  the kernel image

#include "lib/address.hpp"
#include "lib/page_rights.hpp"

#include <arch/registers.hpp>
#include <cstdint>

namespace thread {
struct CpuMask;
}

namespace arch {

struct PageTableFormat {
    using Entry = std::uint64_t;
    static constexpr unsigned levels = 4;
    static constexpr unsigned entry_bits = 9;
    static constexpr unsigned largest_block_level = 1; // 1 GiB
    static constexpr bool root_shared_with_kernel = false;
    static constexpr bool isolated_root_mirrors_user = false;

    /// Maps a page (level 3) or a block (level 1, 2). No right at all gives an entry that is not present.
    static constexpr Entry make_page(PhysAddr address, PageRights rights, unsigned level) {
        if (!rights.read && !rights.write && !rights.execute)
            return 0;
        Entry entry = address.value | valid | accessed | (level == levels - 1 ? table_or_page : 0);
        entry |= rights.device ? device_memory : normal_memory | inner_shareable;
        if (!rights.write)
            entry |= read_only;
        if (rights.user && (rights.read || rights.write))
            entry |= user_access;
        if (!rights.global)
            entry |= not_global;
        if (!rights.execute || !rights.user)
            entry |= user_no_execute;
        if (!rights.execute || rights.user)
            entry |= kernel_no_execute;
        return entry;
    }
    static constexpr Entry make_table(PhysAddr address) { return address.value | table_or_page | valid; }

    static constexpr bool is_present(Entry entry) { return entry & valid; }
    static constexpr bool is_table(Entry entry, unsigned level) {
        return (entry & (valid | table_or_page)) == (valid | table_or_page) && level < levels - 1;
    }
    static constexpr PhysAddr address(Entry entry) { return {entry & address_mask}; }
    static constexpr PageRights rights(Entry entry) {
        const bool user = (entry & user_access) || !(entry & user_no_execute);
        return {
            .read = !user || (entry & user_access), // a user page without it is execute-only
            .write = !(entry & read_only),
            .execute = !(entry & (user ? user_no_execute : kernel_no_execute)),
            .user = user,
            .device = (entry & memory_type) == device_memory,
            .global = !(entry & not_global),
        };
    }
    /// The hardware does not tell here: what may be written counts as written.
    static constexpr bool is_dirty(Entry entry) { return is_present(entry) && !(entry & read_only); }

    static constexpr Entry valid = 1u << 0;
    static constexpr Entry table_or_page = 1u << 1;
    static constexpr Entry memory_type = 7u << 2; // index into MAIR_EL1, which boot.S sets
    static constexpr Entry normal_memory = 0u << 2;
    static constexpr Entry device_memory = 1u << 2;
    static constexpr Entry user_access = 1u << 6; // AP[1]
    static constexpr Entry read_only = 1u << 7;   // AP[2]
    static constexpr Entry inner_shareable = 3u << 8;
    static constexpr Entry accessed = 1u << 10;
    static constexpr Entry not_global = 1u << 11;
    static constexpr Entry kernel_no_execute = Entry{1} << 53; // PXN
    static constexpr Entry user_no_execute = Entry{1} << 54;   // UXN
    static constexpr Entry address_mask = 0x0000'ffff'ffff'f000;
};

/// First address that no user mapping may reach.
inline constexpr std::uintptr_t user_top = std::uintptr_t{1} << 48;
inline constexpr std::uintptr_t direct_map_base = 0xffff'0000'0000'0000;
inline constexpr std::uintptr_t vmap_base = 0xffff'8000'0000'0000;
inline constexpr std::uintptr_t vmap_size = std::uintptr_t{1} << 39; // one entry of the root
inline constexpr std::uintptr_t image_base = 0xffff'ffff'8000'0000;  // the linker script's

/// Through the direct map only.
template <typename T>
T* phys_to_virt(PhysAddr address) {
    return reinterpret_cast<T*>(address.value + direct_map_base);
}
inline PhysAddr virt_to_phys(const void* address) {
    return {reinterpret_cast<std::uintptr_t>(address) - direct_map_base};
}
/// Of something in the kernel image.
PhysAddr image_to_phys(const void* address);

/// What TTBR1_EL1 holds in the kernel.
PhysAddr kernel_root();
/// Nothing to do: user and kernel have roots of their own.
inline void initialise_user_root(std::uint64_t*) {}

struct Translation {
    PhysAddr root;          // TTBR0_EL1
    PhysAddr isolated_root; // TTBR1_EL1 in user mode when isolated
    std::uint16_t asid = 0;
    bool isolated = false;
};
/// The user half of this CPU. Interrupts off. (The isolated root is taken from the frame on the way out.)
inline void activate_translation(const Translation& translation) {
    WRITE_REGISTER(ttbr0_el1, translation.root.value | static_cast<std::uint64_t>(translation.asid) << 48);
    instruction_barrier();
}
/// No user half. Interrupts off.
void activate_kernel_translation();
/// 8 or 16.
unsigned asid_bits();

/// After table writes, before the mapping is used.
inline void publish_entry_write() {
    asm volatile("dsb ishst\n\tisb" : : : "memory");
}
// TLB maintenance is broadcast by the hardware: no IPI, any context, `cpus` is not looked at.
void flush_user_page(const Translation& translation, std::uintptr_t va, const thread::CpuMask& cpus);
void flush_user_all(const Translation& translation, const thread::CpuMask& cpus);
void flush_kernel_range(std::uintptr_t va, std::size_t bytes);
/// Never needed on this ISA.
inline void handle_flush_ipi() {}

/// Code written through `kernel_va` becomes fetchable at every alias of it, on all CPUs.
void synchronise_instructions(std::uintptr_t kernel_va, std::size_t bytes);

/// Whole, aligned pages.
extern "C" void zero_page(void* page);
extern "C" void copy_page(void* to, const void* from);

} // namespace arch
