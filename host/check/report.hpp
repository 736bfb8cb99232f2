#pragma once

#include "check/elf_program.hpp"
#include "check/scan.hpp"
#include "kernel_tables.hpp"

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace host::check {

/// A call that a program can make, and why that is believed.
struct Wanted {
    std::string name;
    unsigned number = 0;
    std::string where; ///< "0x41e5bc", or the library function "fopen"
};

/// What was found, sorted by what the kernel makes of it.
struct Report {
    std::vector<Wanted> supported, missing;
    std::vector<std::pair<Wanted, std::string>> partial; ///< with what is missing of the call
    std::vector<std::uint64_t> undecided;                ///< trap instructions with a number that is no constant
    std::vector<std::string> unjudged;                   ///< library functions that stand for no one call
    std::size_t traps = 0;
};

/// Compares with one personality's table; names of calls that have no row come from the table's names.
Report judge(const ElfProgram& program, const Found& found, const CallTable& table);

std::string as_text(const Report& report, const ElfProgram& program, const std::string& name, const std::string& abi);
nlohmann::ordered_json as_json(const Report& report, const ElfProgram& program, const std::string& abi);

} // namespace host::check
