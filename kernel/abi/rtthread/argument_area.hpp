#pragma once
// The block of arguments that a program finds through its first register: argc, argv, environment, auxiliary vector,
// strings; and the page below the address space's top with its program headers and random bytes.

#include "abi/rtthread/generation.hpp"
#include "abi/rtthread/program_map.hpp"
#include "lib/result.hpp"

namespace process {
struct ExecRequest;
}

namespace abi::rtthread {

struct ProgramStart {
    std::uint64_t entry = 0;            // first instruction: the interpreter's, or the program's
    std::uint64_t program_entry = 0;    // AT_ENTRY
    std::uint64_t interpreter_base = 0; // AT_BASE
    std::uint16_t header_count = 0;     // AT_PHNUM
};

/// Fills both in request.address_space; sets request.argument_area. Returns where the arguments are. Errors: too_big
/// (5.0.x: more than a page), no_memory, io.
Result<std::uintptr_t>
build_arguments(process::ExecRequest& request, const AddressMap& map, const ProgramStart& start, Generation generation);

} // namespace abi::rtthread
