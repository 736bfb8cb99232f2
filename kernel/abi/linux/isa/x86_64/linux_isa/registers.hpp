#pragma once
// Which registers carry a Linux system call on this ISA; the x86-64 psABI, appendix A.2: number in rax, arguments in
// rdi rsi rdx r10 r8 r9, result in rax.

#include <arch/frame.hpp>
#include <array>

namespace abi::linux::isa {

using arch::Register;

inline constexpr Register number_register = Register::rax;
inline constexpr Register result_register = Register::rax;
inline constexpr std::array argument_registers{Register::rdi, Register::rsi, Register::rdx,
                                               Register::r10, Register::r8,  Register::r9};

/// Length of the trap instruction: how far the pc is backed up to make a call again.
inline constexpr unsigned trap_instruction_bytes = 2;

} // namespace abi::linux::isa
