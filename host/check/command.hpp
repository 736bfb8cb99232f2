#pragma once

#include "options.hpp"

namespace host::check {

/// `pylon check PROG`: the system calls that a program can make, against the support table of the kernel. `run` gives
/// the program, --arch and --abi (auto: linux). Returns 0 when every call found is there, 1 when one is not. Throws
/// Failure: 126 for what is no program, 127 when it is not found.
int check(const RunOptions& run, bool as_json);

} // namespace host::check
