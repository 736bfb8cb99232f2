#pragma once
// Which registers carry a call on x86_64. There is no such original: the choice is Linux's registers with RT-Thread's
// numbers (README.md).

#include "abi/rtthread/generation.hpp"

#include <arch/frame.hpp>
#include <array>

namespace abi::rtthread::isa {

using arch::Register;

inline constexpr Register number_register = Register::rax;
inline constexpr Register result_register = Register::rax;
inline constexpr std::array argument_registers{Register::rdi, Register::rsi, Register::rdx,
                                               Register::r10, Register::r8,  Register::r9};

/// Length of the trap instruction.
inline constexpr unsigned trap_instruction_bytes = 2;

/// All 32 bits.
constexpr std::uint64_t call_number(std::uint64_t word) {
    return static_cast<std::uint32_t>(word);
}

constexpr bool is_signal_return(std::uint64_t word, Generation) {
    return word == 0xfe;
}

/// What a call changes besides the result register: nothing.
inline void finish_call(arch::UserFrame&) {}

} // namespace abi::rtthread::isa
