#pragma once
// Which registers carry a call on riscv64, and what the trap's number register may mean besides a call.

#include "abi/rtthread/generation.hpp"

#include <arch/frame.hpp>
#include <array>

namespace abi::rtthread::isa {

using arch::Register;

inline constexpr Register number_register = Register::a7;
inline constexpr Register result_register = Register::a0;
inline constexpr std::array argument_registers{Register::a0, Register::a1, Register::a2, Register::a3,
                                               Register::a4, Register::a5, Register::a6};

/// Length of the trap instruction.
inline constexpr unsigned trap_instruction_bytes = 4;

/// All 32 bits.
constexpr std::uint64_t call_number(std::uint64_t word) {
    return static_cast<std::uint32_t>(word);
}

constexpr bool is_signal_return(std::uint64_t word, Generation) {
    return word == 0xfe;
}

/// a7 comes back as 0.
inline void finish_call(arch::UserFrame& frame) {
    frame[Register::a7] = 0;
}

} // namespace abi::rtthread::isa
