#pragma once
// xv6-riscv does not exist on this ISA (the old 32-bit xv6 took its arguments from the stack, by int 0x40). Here:
// number in rax as in that xv6, arguments in the registers that the syscall instruction leaves alone (rdi rsi rdx r10
// r8 r9, as in the psABI's appendix A.2, since it destroys rcx and r11), result in rax.

#include <arch/frame.hpp>
#include <array>

namespace abi::xv6::isa {

using arch::Register;

inline constexpr Register number_register = Register::rax;
inline constexpr Register result_register = Register::rax;
inline constexpr std::array argument_registers{Register::rdi, Register::rsi, Register::rdx,
                                               Register::r10, Register::r8,  Register::r9};
/// main(argc, argv), and how far below a multiple of 16 the stack pointer stands at the entry: the entry point is a C
/// function, which expects to have been called; its return address is 0.
inline constexpr Register count_register = Register::rdi, vector_register = Register::rsi;
inline constexpr unsigned entry_offset = 8;

/// How far the pc is backed up to make a call again.
inline constexpr unsigned trap_instruction_bytes = 2;

/// What the report of a fault calls the registers that say why, where and at what address.
inline constexpr const char* cause_name = "trap";
inline constexpr const char* counter_name = "rip";
inline constexpr const char* value_name = "cr2";

} // namespace abi::xv6::isa
