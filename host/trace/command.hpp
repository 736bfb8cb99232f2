#pragma once

#include "options.hpp"

#include <string>
#include <vector>

namespace host::trace {

/// What `pylon trace` was asked for besides the run itself; the letters mean what they mean to strace.
struct TraceOptions {
    bool follow = false;       ///< -f
    bool only_summary = false; ///< -c
    bool also_summary = false; ///< -C
    bool times = false;        ///< -T
    bool json = false;
    std::string set;          ///< -e
    std::string output;       ///< -o; empty: standard error
    std::size_t strings = 32; ///< -s
};

/// Runs the program and shows its system calls. The exit status is that of `run`. Throws Failure as `run` does, and
/// Failure(125) when -o cannot be written or -e names what there is not.
int trace(RunOptions run, const TraceOptions& options);

} // namespace host::trace
