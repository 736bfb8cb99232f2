#pragma once
// What the seL4 API fixes for AArch64: registers, sizes, object types, labels. libsel4: sel4_arch/constants.h,
// sel4_arch/syscalls.h, object-api-sel4-arch.xml, object-api-arch.xml.

#include "abi/sel4/labels.hpp"

#include <arch/frame.hpp>
#include <array>

namespace abi::sel4::isa {

inline constexpr arch::Register cap_register = arch::Register::x0; // and the badge on the way back
inline constexpr arch::Register info_register = arch::Register::x1;
inline constexpr std::array message_registers{
    arch::Register::x2, arch::Register::x3, arch::Register::x4, arch::Register::x5};
inline constexpr arch::Register syscall_register = arch::Register::x7;
inline constexpr unsigned syscall_length = 4; // bytes of the trap instruction

inline constexpr unsigned tcb_bits = 11;
inline constexpr unsigned min_untyped_bits = 4;
inline constexpr unsigned max_untyped_bits = 47;

/// Object types behind those that all ISAs have (object_type.hpp).
enum IsaObjectType : Word {
    type_huge_page = 5,
    type_vspace,
    type_small_page,
    type_large_page,
    type_page_table,
    type_end
};

/// CONFIG_SET_TLS_BASE_SELF: a system call sets the caller's TLS base.
inline constexpr bool has_set_tls_base = false;
inline constexpr bool has_io_ports = false;

inline constexpr std::array<unsigned, 3> frame_bits{12, 21, 30}; // by frame::size

enum class IsaLabel : Word {
    vspace_clean_data = static_cast<Word>(Label::first_of_isa),
    vspace_invalidate_data,
    vspace_clean_invalidate_data,
    vspace_unify_instruction,
    smc_call,
    page_table_map,
    page_table_unmap,
    page_map,
    page_unmap,
    page_clean_data,
    page_invalidate_data,
    page_clean_invalidate_data,
    page_unify_instruction,
    page_get_address,
    asid_control_make_pool,
    asid_pool_assign,
    irq_issue_handler_trigger,
    irq_issue_sgi_signal,
    irq_issue_handler_core = irq_issue_sgi_signal, // with SMP support, which has no SGI signals
};

} // namespace abi::sel4::isa
