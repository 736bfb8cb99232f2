#pragma once
// Which registers carry a Linux system call on this ISA; the riscv system-call ABI: number in a7, arguments in a0..a5,
// result in a0 (syscall(2)).

#include <arch/frame.hpp>
#include <array>

namespace abi::linux::isa {

using arch::Register;

inline constexpr Register number_register = Register::a7;
inline constexpr Register result_register = Register::a0;
inline constexpr std::array argument_registers{Register::a0, Register::a1, Register::a2,
                                               Register::a3, Register::a4, Register::a5};

/// Length of the trap instruction: how far the pc is backed up to make a call again.
inline constexpr unsigned trap_instruction_bytes = 4;

} // namespace abi::linux::isa
