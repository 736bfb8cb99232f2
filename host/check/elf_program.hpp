#pragma once
// A program's ELF file, as far as `pylon check` reads it. The bytes are anybody's: every access is checked.

#include "isa.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace host::check {

/// Bytes that can be executed.
struct Code {
    std::uint64_t address = 0;
    std::string_view bytes;
};

struct ElfProgram {
    Isa isa = Isa::aarch64;
    std::vector<Code> code;             ///< sections with instructions, else executable segments
    std::string interpreter;            ///< empty: statically linked
    std::vector<std::string> libraries; ///< DT_NEEDED
    std::vector<std::string> imports;   ///< functions that the libraries are to give
    std::vector<std::uint64_t> entries; ///< addresses of functions that its symbols name, and the entry point
};

/// Views into `bytes`, which must outlive the result. Throws Failure(126): not an ELF file, a file of another machine,
/// a broken one; the message says which.
ElfProgram read_program(std::string_view bytes, const std::string& name);

} // namespace host::check
