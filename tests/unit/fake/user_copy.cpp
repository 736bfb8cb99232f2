// The fake ISA's way to user memory: a walk of the active tables in software.

#include "fake/tlb.hpp"
#include "memory/user_ptr.hpp"
#include "trap/trap.hpp"

#include <arch/page_table.hpp>
#include <arch/user_copy.hpp>
#include <cstring>

namespace fake {
const arch::Translation* active_translation();
}

namespace {

using Format = arch::PageTableFormat;

/// The page's entry, walked for unless the TLB has it; 0: not mapped.
std::uint64_t entry_for(const arch::Translation& translation, std::uintptr_t address) {
    if (const auto remembered = fake::tlb_find(translation.asid, address))
        return *remembered;
    PhysAddr table = translation.root;
    for (unsigned level = 0; level < Format::levels; ++level) {
        const unsigned shift = static_cast<unsigned>(page_shift) + (Format::levels - 1 - level) * Format::entry_bits;
        const std::uint64_t entry = arch::phys_to_virt<std::uint64_t>(table)[(address >> shift) & 511];
        if (!Format::is_present(entry))
            return 0;
        if (level == Format::levels - 1) {
            fake::tlb_insert(translation.asid, address, entry);
            return entry;
        }
        table = Format::address(entry);
    }
    return 0;
}

/// The host address behind a user address; null when the tables do not allow the access.
std::byte* translate(std::uintptr_t address, trap::Fault::Kind kind) {
    const arch::Translation* translation = fake::active_translation();
    if (!translation)
        return reinterpret_cast<std::byte*>(address);
    const std::uint64_t entry = entry_for(*translation, address);
    const PageRights rights = Format::rights(entry);
    const bool allowed = entry && rights.user && (kind == trap::Fault::Kind::write ? rights.write : rights.read);
    return allowed ? arch::phys_to_virt<std::byte>(Format::address(entry) + address % page_size) : nullptr;
}

/// The same with demand paging, as a fault in the kernel would have it.
std::byte* reach(std::uintptr_t address, trap::Fault::Kind kind) {
    if (std::byte* here = translate(address, kind))
        return here;
    const trap::Fault fault{.kind = kind, .user = false, .present = false, .address = address, .pc = 0, .cause = 0};
    return trap::resolve_kernel_access(fault) ? translate(address, kind) : nullptr;
}

/// Calls act(host address, bytes) for each page's part of the range; returns the bytes that could not be reached.
template <typename Act>
std::size_t for_each_part(std::uintptr_t address, std::size_t n, trap::Fault::Kind kind, Act act) {
    while (n > 0) {
        const std::size_t part = std::min(n, page_size - address % page_size);
        std::byte* here = reach(address, kind);
        if (!here)
            return n;
        act(here, part);
        address += part;
        n -= part;
    }
    return 0;
}

} // namespace

namespace arch {

std::size_t copy_from_user(void* to, std::uintptr_t from, std::size_t n) {
    auto* target = static_cast<std::byte*>(to);
    return for_each_part(from, n, trap::Fault::Kind::read, [&](const std::byte* here, std::size_t part) {
        std::memcpy(target, here, part);
        target += part;
    });
}

std::size_t copy_to_user(std::uintptr_t to, const void* from, std::size_t n) {
    const auto* source = static_cast<const std::byte*>(from);
    return for_each_part(to, n, trap::Fault::Kind::write, [&](std::byte* here, std::size_t part) {
        std::memcpy(here, source, part);
        source += part;
    });
}

std::size_t clear_user(std::uintptr_t to, std::size_t n) {
    return for_each_part(
        to, n, trap::Fault::Kind::write, [](std::byte* here, std::size_t part) { std::memset(here, 0, part); });
}

std::ptrdiff_t copy_string_from_user(char* to, std::uintptr_t from, std::size_t max) {
    for (std::size_t i = 0; i < max; ++i) {
        const std::byte* here = reach(from + i, trap::Fault::Kind::read);
        if (!here)
            return -1;
        to[i] = static_cast<char>(*here);
        if (to[i] == '\0')
            return static_cast<std::ptrdiff_t>(i);
    }
    return static_cast<std::ptrdiff_t>(max);
}

int load_user_word(std::uintptr_t from, std::uint32_t* value) {
    return copy_from_user(value, from, sizeof *value) == 0 ? 0 : -1;
}

int compare_exchange_user_word(std::uintptr_t at, std::uint32_t* expected, std::uint32_t desired) {
    std::uint32_t held;
    if (copy_from_user(&held, at, sizeof held) != 0)
        return -1;
    if (held != *expected) {
        *expected = held;
        return 0;
    }
    return copy_to_user(at, &desired, sizeof desired) == 0 ? 1 : -1;
}

} // namespace arch
