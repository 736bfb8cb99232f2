#pragma once
// Machine instructions, as far as following a constant to a trap instruction needs them.

#include "walk/disassembler.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace host::check {

/// Registers are numbered 0 to 31 as the manual does (x86_64: 0 is rax, 1 rcx, ...). One more stands for the argument
/// that is handed over on the stack.
using Register = std::uint8_t;
constexpr Register stack_argument = 32;
constexpr Register no_register = 0xff;
constexpr std::size_t register_count = 33;

struct Operation {
    enum class Kind : std::uint8_t {
        other,    ///< writes `target`, if that is a register, with something not followed
        constant, ///< target = value
        copy,     ///< target = source
        call,     ///< to the address `value`; 0: not known
        leave,    ///< the code behind is not reached from here: return, jump
        trap,
    };
    Kind kind = Kind::other;
    Register target = no_register, source = no_register;
    std::uint64_t value = 0;
};

/// What the instruction does, from its text as LLVM prints it.
Operation understand(Isa isa, std::uint64_t address, std::string_view text);

/// What a call leaves alone, by the psABI.
bool is_kept_over_calls(Isa isa, Register which);
/// Holds an argument when a function begins.
bool is_argument(Isa isa, Register which);
Register number_register(Isa isa);

} // namespace host::check
