#pragma once
// The stack that a program starts on: arguments, environment, auxiliary vector (System V ABI, "Process Initialization";
// getauxval(3)).

#include "lib/result.hpp"

#include <cstdint>

namespace process {
struct ExecRequest;
}

namespace abi::linux {

/// Where the parts of a loaded program are.
struct ProgramStart {
    std::uint64_t entry = 0;            // first instruction: the interpreter's, or the program's
    std::uint64_t program_entry = 0;    // AT_ENTRY
    std::uint64_t headers = 0;          // AT_PHDR; 0: not in memory
    std::uint16_t header_count = 0;     // AT_PHNUM
    std::uint64_t interpreter_base = 0; // AT_BASE
};

/// Maps and fills the stack in request.address_space; sets request.argument_area. Returns the stack pointer. Errors:
/// no_memory, too_big.
Result<std::uintptr_t> build_stack(process::ExecRequest& request, const ProgramStart& start);

} // namespace abi::linux
