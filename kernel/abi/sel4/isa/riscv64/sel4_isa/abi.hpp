#pragma once
// What the seL4 API fixes for RISC-V 64: registers, sizes, object types, labels. libsel4: sel4_arch/constants.h,
// arch/syscalls.h, object-api-arch.xml.

#include "abi/sel4/labels.hpp"

#include <arch/frame.hpp>
#include <array>

namespace abi::sel4::isa {

inline constexpr arch::Register cap_register = arch::Register::a0; // and the badge on the way back
inline constexpr arch::Register info_register = arch::Register::a1;
inline constexpr std::array message_registers{
    arch::Register::a2, arch::Register::a3, arch::Register::a4, arch::Register::a5};
inline constexpr arch::Register syscall_register = arch::Register::a7;
inline constexpr unsigned syscall_length = 4; // bytes of the trap instruction

inline constexpr unsigned tcb_bits = 11;
inline constexpr unsigned min_untyped_bits = 4;
inline constexpr unsigned max_untyped_bits = 38;

/// Object types behind those that all ISAs have (object_type.hpp).
enum IsaObjectType : Word { type_huge_page = 5, type_small_page, type_large_page, type_page_table, type_end };

/// CONFIG_SET_TLS_BASE_SELF: a system call sets the caller's TLS base.
inline constexpr bool has_set_tls_base = false;
inline constexpr bool has_io_ports = false;

inline constexpr std::array<unsigned, 3> frame_bits{12, 21, 30}; // by frame::size

enum class IsaLabel : Word {
    page_table_map = static_cast<Word>(Label::first_of_isa),
    page_table_unmap,
    page_map,
    page_unmap,
    page_get_address,
    asid_control_make_pool,
    asid_pool_assign,
    irq_issue_handler_trigger,
};

} // namespace abi::sel4::isa
