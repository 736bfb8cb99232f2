#pragma once
// Which system calls a program's own code can make: its trap instructions, and the numbers in the number register
// there.

#include "check/elf_program.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace host::check {

struct Found {
    std::map<unsigned, std::uint64_t> calls; ///< number: the trap instruction, or the call of a function that traps
    std::set<std::uint64_t> undecided;       ///< trap instructions whose number is no constant that could be followed
    std::size_t traps = 0;                   ///< all trap instructions
};

/// Reads the code from its beginning to its end, following constants through registers, and through functions that
/// hand the number on as an argument. What a jump brings along is not followed: this finds calls, it proves nothing.
Found scan(const ElfProgram& program);

} // namespace host::check
