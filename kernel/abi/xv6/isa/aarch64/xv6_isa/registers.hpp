#pragma once
// xv6 does not exist on this ISA. The obvious reading of its riscv64 convention: the number is in the eighth argument
// register (a7 there, x7 here), arguments in the first six, the result in the first; the trap is svc #0.

#include <arch/frame.hpp>
#include <array>

namespace abi::xv6::isa {

using arch::Register;

inline constexpr Register number_register = Register::x7;
inline constexpr Register result_register = Register::x0;
inline constexpr std::array argument_registers{Register::x0, Register::x1, Register::x2,
                                               Register::x3, Register::x4, Register::x5};
/// main(argc, argv), and how far below a multiple of 16 the stack pointer stands at the entry.
inline constexpr Register count_register = Register::x0, vector_register = Register::x1;
inline constexpr unsigned entry_offset = 0;

/// How far the pc is backed up to make a call again.
inline constexpr unsigned trap_instruction_bytes = 4;

/// What the report of a fault calls the registers that say why, where and at what address.
inline constexpr const char* cause_name = "esr";
inline constexpr const char* counter_name = "elr";
inline constexpr const char* value_name = "far";

} // namespace abi::xv6::isa
