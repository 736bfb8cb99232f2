#pragma once

#include "walk/symbols.hpp"

#include <string>
#include <vector>

namespace host::walk {

/// One row of a personality's system-call table.
struct CallRow {
    std::string name;
    unsigned number = 0;
    unsigned argument_count = 0;
};

/// The Linux personality's rows, read from the kernel image itself (kernel/abi/table.hpp, struct Call). Throws
/// Failure(125) when the image has no table.
std::vector<CallRow> read_call_table(const Symbols& kernel);

} // namespace host::walk
