#pragma once
// xv6's own convention (xv6-riscv: user/usys.pl, kernel/syscall.c): number in a7, arguments in a0..a5, result in a0.

#include <arch/frame.hpp>
#include <array>

namespace abi::xv6::isa {

using arch::Register;

inline constexpr Register number_register = Register::a7;
inline constexpr Register result_register = Register::a0;
inline constexpr std::array argument_registers{Register::a0, Register::a1, Register::a2,
                                               Register::a3, Register::a4, Register::a5};
/// main(argc, argv), and how far below a multiple of 16 the stack pointer stands at the entry.
inline constexpr Register count_register = Register::a0, vector_register = Register::a1;
inline constexpr unsigned entry_offset = 0;

/// How far the pc is backed up to make a call again.
inline constexpr unsigned trap_instruction_bytes = 4;

/// What the report of a fault calls the registers that say why, where and at what address.
inline constexpr const char* cause_name = "scause";
inline constexpr const char* counter_name = "sepc";
inline constexpr const char* value_name = "stval";

} // namespace abi::xv6::isa
