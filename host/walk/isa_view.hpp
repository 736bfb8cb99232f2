#pragma once
// What of a CPU a walk shows, for each ISA: names as the manuals and the study notes have them.

#include "isa.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace host::walk {

/// A register that is shown at each station, under its manual's name and the stub's.
struct ShownRegister {
    std::string_view name;
    std::string_view stub_name;
};

struct IsaView {
    std::string_view triple; ///< for the disassembler
    std::string_view features;
    std::string_view program_counter;
    std::string_view stack_pointer;
    std::string_view number;                     ///< carries a Linux call's number
    std::span<const std::string_view> arguments; ///< carry its arguments
    std::string_view result;
    std::span<const std::string_view> general; ///< compared from station to station
    std::span<const ShownRegister> system;     ///< read at each station
    std::string_view mode_register;            ///< privilege is in it
    unsigned largest_instruction;              ///< bytes

    /// 0: user mode; else the manual's number of the level.
    unsigned (*privilege)(std::uint64_t mode_register_value);
    /// "EL0", "U", "ring 3" and so on.
    std::string_view (*mode_name)(unsigned privilege);
};

const IsaView& view_of(Isa isa);

} // namespace host::walk
