#pragma once
// Which registers carry a call on aarch64, and what the trap's number register may mean besides a call.

#include "abi/rtthread/generation.hpp"

#include <arch/frame.hpp>
#include <array>

namespace abi::rtthread::isa {

using arch::Register;

inline constexpr Register number_register = Register::x8;
inline constexpr Register result_register = Register::x0;
inline constexpr std::array argument_registers{Register::x0, Register::x1, Register::x2, Register::x3,
                                               Register::x4, Register::x5, Register::x6, Register::x7};

/// Length of the trap instruction.
inline constexpr unsigned trap_instruction_bytes = 4;

/// The low byte of w8.
constexpr std::uint64_t call_number(std::uint64_t word) {
    return word & 0xff;
}

/// 5.0 to 5.1 moved the signal return from the low byte 0xfe to bits 12 to 15; programs of 5.0.x know either.
constexpr bool is_signal_return(std::uint64_t word, Generation generation) {
    return (word & 0xf000) == 0xe000 || (generation == Generation::v5_0 && (word & 0xff) == 0xfe);
}

/// What a call changes besides the result register: nothing.
inline void finish_call(arch::UserFrame&) {}

} // namespace abi::rtthread::isa
