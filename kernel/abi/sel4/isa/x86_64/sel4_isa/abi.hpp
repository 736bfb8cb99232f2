#pragma once
// What the seL4 API fixes for x86_64: registers, sizes, object types, labels. libsel4: sel4_arch/constants.h,
// sel4_arch/syscalls_syscall.h, object-api-sel4-arch.xml, object-api-arch.xml.

#include "abi/sel4/labels.hpp"

#include <arch/frame.hpp>
#include <array>

namespace abi::sel4::isa {

inline constexpr arch::Register cap_register = arch::Register::rdi; // and the badge on the way back
inline constexpr arch::Register info_register = arch::Register::rsi;
inline constexpr std::array message_registers{
    arch::Register::r10, arch::Register::r8, arch::Register::r9, arch::Register::r15};
inline constexpr arch::Register syscall_register = arch::Register::rdx;
inline constexpr unsigned syscall_length = 2; // bytes of the trap instruction

inline constexpr unsigned tcb_bits = 11;
inline constexpr unsigned min_untyped_bits = 4;
inline constexpr unsigned max_untyped_bits = 47;

/// Object types behind those that all ISAs have (object_type.hpp).
enum IsaObjectType : Word {
    type_pdpt = 5,
    type_vspace, // PML4
    type_huge_page,
    type_small_page,
    type_large_page,
    type_page_table,
    type_page_directory,
    type_end
};

/// CONFIG_SET_TLS_BASE_SELF: a system call sets the caller's TLS base.
inline constexpr bool has_set_tls_base = true;
inline constexpr bool has_io_ports = true;

inline constexpr std::array<unsigned, 3> frame_bits{12, 21, 30}; // by frame::size

enum class IsaLabel : Word {
    pdpt_map = static_cast<Word>(Label::first_of_isa),
    pdpt_unmap,
    page_directory_map,
    page_directory_unmap,
    page_table_map,
    page_table_unmap,
    page_map,
    page_unmap,
    page_get_address,
    asid_control_make_pool,
    asid_pool_assign,
    io_port_control_issue,
    io_port_in8,
    io_port_in16,
    io_port_in32,
    io_port_out8,
    io_port_out16,
    io_port_out32,
    irq_issue_handler_ioapic,
    irq_issue_handler_msi,
};

} // namespace abi::sel4::isa
