#pragma once

#include "options.hpp"

#include <optional>
#include <string>

namespace host::walk {

/// What `pylon walk` was asked for besides the run itself.
struct WalkOptions {
    std::string call;                   ///< a name of the table, or a number
    std::string event;                  ///< in place of a call: "interrupt" or "fault"
    std::optional<std::uint64_t> cause; ///< of an event: only those with this cause_code()
    std::string through;                ///< only traps whose path has this function count; empty: all
    unsigned nth = 1;
    bool functions = false;
    bool instructions = false;
    bool chinese = false;
    bool interrupts = false;
    std::string json;        ///< file to write; "-": stdout in place of the text
    std::string html;        ///< file to write as one self-contained page
    std::string perfetto;    ///< file to write as a Perfetto trace
    std::string folded;      ///< file to write as folded stacks
    bool quiet = false;      ///< no text on stdout
    bool list = false;       ///< name the walks of docs/walks instead
    bool regenerate = false; ///< make the pages of docs/walks again; the program's words name them
    bool calls = false;      ///< name the calls that the kernel has instead
    std::string against;     ///< a walk as JSON to line up with, in place of the text
    std::size_t budget = 0;  ///< most kernel instructions; 0: no limit

    std::string stations;        ///< a map file, or the name of a shipped one: --kernel is that kernel
    std::string symbols;         ///< of --kernel: an ELF file, a System.map or a copy of /proc/kallsyms; empty: its own
    std::string program_symbols; ///< the user program's ELF file: only its calls count
    std::string typed;           ///< lines for its console
};

/// Runs the program to the call, steps through it and shows the path. Returns 0, or 1 when the path is over the budget.
/// Throws Failure as `run` does; 124 when the call does not come.
int walk(const RunOptions& run, const WalkOptions& options);

} // namespace host::walk
