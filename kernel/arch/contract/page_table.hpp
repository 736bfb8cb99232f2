#pragma once
// What arch/page_table.hpp and arch/user_copy.hpp must give.

#include "arch/contract/signature.hpp"

#include <arch/page_table.hpp>
#include <arch/user_copy.hpp>
#include <concepts>
#include <cstddef>
#include <cstdint>

namespace arch::contract {

/// A constant, or a function where the CPU decides.
template <typename Format>
concept NamesLargestBlock = requires {
    { Format::largest_block_level } -> std::convertible_to<unsigned>;
} || requires {
    { Format::largest_block_level() } -> std::convertible_to<unsigned>;
};

/// The format of a table entry, for the one walker in memory/.
template <typename Format>
concept PageTableFormat =
    NamesLargestBlock<Format>
    && requires(typename Format::Entry entry, PhysAddr address, PageRights rights, unsigned level) {
           requires std::same_as<typename Format::Entry, std::uint64_t>;
           requires Format::levels >= 2 && Format::entry_bits == 9;
           { Format::root_shared_with_kernel } -> std::convertible_to<bool>;
           { Format::isolated_root_mirrors_user } -> std::convertible_to<bool>;
           { Format::make_page(address, rights, level) } -> std::same_as<typename Format::Entry>;
           { Format::make_table(address) } -> std::same_as<typename Format::Entry>;
           { Format::is_present(entry) } -> std::same_as<bool>;
           { Format::is_table(entry, level) } -> std::same_as<bool>;
           { Format::address(entry) } -> std::same_as<PhysAddr>;
           { Format::rights(entry) } -> std::same_as<PageRights>;
           { Format::is_dirty(entry) } -> std::same_as<bool>;
       };

/// Rights survive the way into an entry and back, and an entry is one thing only.
template <typename Format>
consteval bool keeps_rights() {
    constexpr PhysAddr at{0x4000'0000};
    constexpr unsigned leaf = Format::levels - 1;
    constexpr PageRights all_kinds[]{
        {.read = true, .user = true},
        {.read = true, .write = true, .user = true},
        {.read = true, .execute = true, .user = true},
        {.read = true, .write = true, .execute = true, .user = true},
        {.read = true, .global = true},
        {.read = true, .write = true, .global = true},
        {.read = true, .execute = true, .global = true},
    };
    for (const PageRights& rights : all_kinds) {
        const auto entry = Format::make_page(at, rights, leaf);
        if (!Format::is_present(entry) || Format::is_table(entry, leaf) || Format::address(entry) != at
            || Format::rights(entry) != rights)
            return false;
    }
    const auto table = Format::make_table(at);
    return Format::is_present(table) && Format::is_table(table, 0) && Format::address(table) == at
           && !Format::is_present(0) && !Format::is_present(Format::make_page(at, {}, leaf));
}

static_assert(PageTableFormat<arch::PageTableFormat>);
static_assert(keeps_rights<arch::PageTableFormat>());
static_assert(user_top % page_size == 0 && user_top <= direct_map_base);
static_assert(direct_map_base % page_size == 0 && vmap_base % page_size == 0 && vmap_size > 0);
static_assert(std::same_as<decltype(Translation::root), PhysAddr>);
static_assert(std::same_as<decltype(Translation::isolated_root), PhysAddr>);
static_assert(std::same_as<decltype(Translation::asid), std::uint16_t>);
static_assert(std::same_as<decltype(Translation::isolated), bool>);
static_assert(Signature<decltype(&arch::phys_to_virt<int>), int*(PhysAddr)>);
static_assert(Signature<decltype(&arch::virt_to_phys), PhysAddr(const void*)>);
static_assert(Signature<decltype(&arch::kernel_root), PhysAddr()>);
static_assert(Signature<decltype(&arch::initialise_user_root), void(std::uint64_t*)>);
static_assert(Signature<decltype(&arch::activate_translation), void(const Translation&)>);
static_assert(Signature<decltype(&arch::activate_kernel_translation), void()>);
static_assert(Signature<decltype(&arch::asid_bits), unsigned()>);
static_assert(Signature<decltype(&arch::publish_entry_write), void()>);
static_assert(
    Signature<decltype(&arch::flush_user_page), void(const Translation&, std::uintptr_t, const thread::CpuMask&)>);
static_assert(Signature<decltype(&arch::flush_user_all), void(const Translation&, const thread::CpuMask&)>);
static_assert(Signature<decltype(&arch::flush_kernel_range), void(std::uintptr_t, std::size_t)>);
static_assert(Signature<decltype(&arch::handle_flush_ipi), void()>);
static_assert(Signature<decltype(&arch::synchronise_instructions), void(std::uintptr_t, std::size_t)>);
static_assert(Signature<decltype(&arch::zero_page), void(void*)>);
static_assert(Signature<decltype(&arch::copy_page), void(void*, const void*)>);

static_assert(Signature<decltype(&arch::copy_from_user), std::size_t(void*, std::uintptr_t, std::size_t)>);
static_assert(Signature<decltype(&arch::copy_to_user), std::size_t(std::uintptr_t, const void*, std::size_t)>);
static_assert(Signature<decltype(&arch::clear_user), std::size_t(std::uintptr_t, std::size_t)>);
static_assert(Signature<decltype(&arch::copy_string_from_user), std::ptrdiff_t(char*, std::uintptr_t, std::size_t)>);
static_assert(Signature<decltype(&arch::load_user_word), int(std::uintptr_t, std::uint32_t*)>);
static_assert(
    Signature<decltype(&arch::compare_exchange_user_word), int(std::uintptr_t, std::uint32_t*, std::uint32_t)>);

} // namespace arch::contract
