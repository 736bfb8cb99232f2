#pragma once
// Page tables as the seL4 API has them on RISC-V (Sv39): one type of table for all levels, the root included. seL4
// manual 7.1.3 "RISC-V"; attributes: libsel4 arch/types.h, seL4_RISCV_VMAttributes.

#include "abi/sel4/message.hpp"
#include "abi/sel4/object/capability.hpp"
#include "abi/sel4/object/object_kind.hpp"

#include <arch/page_table.hpp>
#include <array>
#include <sel4_isa/abi.hpp>

namespace abi::sel4::isa {

inline constexpr unsigned asid_pools = 128; // seL4_NumASIDPoolsBits 7
/// The first address that nothing may be mapped at. (seL4 has one more GiB, which here is the trampoline's.)
inline constexpr std::uintptr_t mapping_end = arch::user_top;
/// A table is mapped by its own type's level (x86_64), else at the first level that is missing.
inline constexpr bool tables_have_levels = false;
/// A frame may be mapped where another one is.
inline constexpr bool frames_overwrite = false;
/// The type of a root before and after it has an ASID.
inline constexpr CapType root_type = CapType::page_table;

/// What Untyped_Retype makes for each type of the ISA's own, from ObjectType::first_of_isa on.
inline constexpr std::array object_kinds{
    ObjectKind{CapType::frame, 30, 2},
    ObjectKind{CapType::frame, 12, 0},
    ObjectKind{CapType::frame, 21, 1},
    ObjectKind{CapType::page_table, 12},
};

/// The methods of a table of this type.
constexpr TableLabels table_labels(CapType type) {
    if (type != CapType::page_table)
        return {};
    return {static_cast<Label>(IsaLabel::page_table_map), static_cast<Label>(IsaLabel::page_table_unmap)};
}

struct Attributes {
    static constexpr Word execute_never = 1;
    static constexpr Word ordinary = 0; // of a program's image
};

/// The entry of a frame at `level`. `rights`: read, read and write, or none; then the kernel alone may read it, so that
/// the place is taken.
inline arch::PageTableFormat::Entry make_frame_entry(PhysAddr at, unsigned level, Rights rights, Word attributes) {
    const bool user = rights & right_read;
    return arch::PageTableFormat::make_page(
        at,
        {.read = true,
         .write = user && (rights & right_write),
         .execute = user && !(attributes & Attributes::execute_never),
         .user = user},
        level);
}

/// After a mapping was added where there was none: this hart may remember that there was none.
inline void publish_mapping(const arch::Translation&, std::uintptr_t va) {
    asm volatile("fence w, rw\n\tsfence.vma %0, zero" : : "r"(va) : "memory");
}

/// A root gets its ASID: the kernel's half and the trampoline go into it.
inline void prepare_root(std::uint64_t* root) {
    arch::initialise_user_root(root);
}

} // namespace abi::sel4::isa
