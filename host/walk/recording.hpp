#pragma once
// What a walk saw: every instruction from the trap instruction to the first one in user mode behind it.

#include "isa.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace host::walk {

struct Step {
    std::uint64_t program_counter = 0;
    unsigned privilege = 0; ///< IsaView::privilege: 0 is user mode
    std::string instruction;
};

/// The registers at one moment, by their shown names.
using RegisterValues = std::map<std::string, std::uint64_t>;

struct Recording {
    Isa isa = Isa::aarch64;
    std::string call; ///< name
    unsigned number = 0;
    std::vector<std::uint64_t> arguments{};
    std::uint64_t result = 0;
    bool went_on_elsewhere =
        false; ///< user mode did not go on behind the trap instruction: a signal, exec, another thread

    /// Step 0 is the trap instruction in user mode; all others are the kernel's (or firmware's).
    std::vector<Step> steps{};
    /// General and system registers before a step; not for every step: where a function was entered, and at the end.
    std::map<std::size_t, RegisterValues> registers{};

    /// Kernel instructions: the trap instruction is not counted.
    [[nodiscard]] std::size_t instructions() const { return steps.size() - 1; }
};

} // namespace host::walk
