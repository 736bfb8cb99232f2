#pragma once
// Which registers carry a Linux system call on this ISA; the arm64 system-call ABI: number in x8, arguments in x0..x5,
// result in x0 (syscall(2)).

#include <arch/frame.hpp>
#include <array>

namespace abi::linux::isa {

using arch::Register;

inline constexpr Register number_register = Register::x8;
inline constexpr Register result_register = Register::x0;
inline constexpr std::array argument_registers{Register::x0, Register::x1, Register::x2,
                                               Register::x3, Register::x4, Register::x5};

/// Length of the trap instruction: how far the pc is backed up to make a call again.
inline constexpr unsigned trap_instruction_bytes = 4;

} // namespace abi::linux::isa
