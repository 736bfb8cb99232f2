#pragma once
// The fake ISA's page tables: a plain format that only the software walker reads. Physical memory is one arena on the
// host (fake/machine.hpp); its "direct map" is where the arena lies.

#include "lib/address.hpp"
#include "lib/page_rights.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace thread {
struct CpuMask;
}

namespace arch {

struct PageTableFormat {
    using Entry = std::uint64_t;
    static constexpr unsigned levels = 4;
    static constexpr unsigned entry_bits = 9;
    static constexpr unsigned largest_block_level = 1;
    static constexpr bool root_shared_with_kernel = false;
    static constexpr bool isolated_root_mirrors_user = true; // so that the mirroring is tested

    static constexpr Entry make_page(PhysAddr address, PageRights rights, unsigned) {
        if (!rights.read && !rights.write && !rights.execute)
            return 0;
        return address.value | 1 | Entry{rights.read} << 2 | Entry{rights.write} << 3 | Entry{rights.execute} << 4
               | Entry{rights.user} << 5 | Entry{rights.device} << 6 | Entry{rights.global} << 7;
    }
    static constexpr Entry make_table(PhysAddr address) { return address.value | 3; }
    static constexpr bool is_present(Entry entry) { return entry & 1; }
    static constexpr bool is_table(Entry entry, unsigned level) { return (entry & 3) == 3 && level < levels - 1; }
    static constexpr PhysAddr address(Entry entry) { return {entry & ~Entry{page_size - 1}}; }
    static constexpr PageRights rights(Entry entry) {
        return {
            .read = (entry & 4) != 0,
            .write = (entry & 8) != 0,
            .execute = (entry & 16) != 0,
            .user = (entry & 32) != 0,
            .device = (entry & 64) != 0,
            .global = (entry & 128) != 0};
    }
    static constexpr bool is_dirty(Entry entry) { return is_present(entry) && (entry & 8); }
};

inline constexpr std::uintptr_t user_top = std::uintptr_t{1} << 47;
inline constexpr std::uintptr_t vmap_base = 0xffff'8000'0000'0000;
inline constexpr std::uintptr_t vmap_size = std::uintptr_t{1} << 39;

/// The arena's address less its physical start.
extern std::uintptr_t direct_map_base;

template <typename T>
T* phys_to_virt(PhysAddr address) {
    return reinterpret_cast<T*>(address.value + direct_map_base);
}
inline PhysAddr virt_to_phys(const void* address) {
    return {reinterpret_cast<std::uintptr_t>(address) - direct_map_base};
}

PhysAddr kernel_root();
inline void initialise_user_root(std::uint64_t*) {}

struct Translation {
    PhysAddr root, isolated_root;
    std::uint16_t asid = 0;
    bool isolated = false;
};
void activate_translation(const Translation& translation);
void activate_kernel_translation();
inline unsigned asid_bits() {
    return 4; // few, so that their generations are tested
}
inline void publish_entry_write() {}
// The TLB keeps what was once walked (fake/tlb.hpp) until one of these: a flush that is missing shows.
void flush_user_page(const Translation& translation, std::uintptr_t va, const thread::CpuMask& cpus);
void flush_user_all(const Translation& translation, const thread::CpuMask& cpus);
inline void flush_kernel_range(std::uintptr_t, std::size_t) {}
inline void handle_flush_ipi() {}
inline void synchronise_instructions(std::uintptr_t, std::size_t) {}
inline void zero_page(void* page) {
    std::memset(page, 0, page_size);
}
inline void copy_page(void* to, const void* from) {
    std::memcpy(to, from, page_size);
}

} // namespace arch
