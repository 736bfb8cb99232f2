#pragma once
// Page tables as the seL4 API has them on x86_64: a type for each level. seL4 manual 7.1.1 "IA-32 and x86-64";
// attributes: libsel4 arch/types.h, seL4_X86_VMAttributes.

#include "abi/sel4/message.hpp"
#include "abi/sel4/object/capability.hpp"
#include "abi/sel4/object/object_kind.hpp"

#include <arch/page_table.hpp>
#include <array>
#include <sel4_isa/abi.hpp>

namespace abi::sel4::isa {

inline constexpr unsigned asid_pools = 8; // seL4_NumASIDPoolsBits 3
/// The first address that nothing may be mapped at.
inline constexpr std::uintptr_t mapping_end = arch::user_top;
/// A table is mapped by its own type's level, else at the first level that is missing.
inline constexpr bool tables_have_levels = true;
/// A frame may be mapped where another one is.
inline constexpr bool frames_overwrite = true;
/// The type of a root before and after it has an ASID.
inline constexpr CapType root_type = CapType::vspace;

/// What Untyped_Retype makes for each type of the ISA's own, from ObjectType::first_of_isa on.
inline constexpr std::array object_kinds{
    ObjectKind{CapType::pdpt, 12},           ObjectKind{CapType::vspace, 12},   ObjectKind{CapType::frame, 30, 2},
    ObjectKind{CapType::frame, 12, 0},       ObjectKind{CapType::frame, 21, 1}, ObjectKind{CapType::page_table, 12},
    ObjectKind{CapType::page_directory, 12},
};

/// The methods of a table of this type.
constexpr TableLabels table_labels(CapType type) {
    switch (type) {
    case CapType::pdpt:
        return {static_cast<Label>(IsaLabel::pdpt_map), static_cast<Label>(IsaLabel::pdpt_unmap)};
    case CapType::page_directory:
        return {static_cast<Label>(IsaLabel::page_directory_map), static_cast<Label>(IsaLabel::page_directory_unmap)};
    case CapType::page_table:
        return {static_cast<Label>(IsaLabel::page_table_map), static_cast<Label>(IsaLabel::page_table_unmap)};
    default:
        return {};
    }
}

struct Attributes {
    // The page's memory type: 0 write-back, 1 write-through, 2 and 3 uncached, 4 write-combining.
    static constexpr Word write_through = 1, cache_disabled = 2, write_combining = 4;
    static constexpr Word ordinary = 0; // of a program's image
};

/// The entry of a frame at `level`. `rights`: read, read and write, or none; then the kernel alone may read it, so that
/// the place is taken. Every page may be executed: seL4 does not use the bit that forbids it on this ISA.
inline arch::PageTableFormat::Entry make_frame_entry(PhysAddr at, unsigned level, Rights rights, Word attributes) {
    using Format = arch::PageTableFormat;
    const bool user = rights & right_read;
    auto entry = Format::make_page(
        at, {.read = true, .write = user && (rights & right_write), .execute = user, .user = user}, level);
    if (attributes & Attributes::write_through)
        entry |= Format::write_through;
    if (attributes & (Attributes::cache_disabled | Attributes::write_combining))
        entry |= Format::uncached; // the page attribute table has no write-combining type here
    return entry;
}

/// After a mapping was added where there was none: absent entries are not remembered.
inline void publish_mapping(const arch::Translation&, std::uintptr_t) {
    arch::publish_entry_write();
}

/// A root gets its ASID: the kernel's half goes into it.
inline void prepare_root(std::uint64_t* root) {
    arch::initialise_user_root(root);
}

} // namespace abi::sel4::isa
