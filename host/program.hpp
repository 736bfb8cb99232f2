#pragma once

#include "isa.hpp"
#include "options.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace host {

/// PROG of the command line, found.
struct Program {
    Isa isa = Isa::aarch64;
    /// The host's file that goes into the guest; empty: a name inside the root.
    std::filesystem::path host_file;
};

/// A word with a slash is a file of the host; a word without one is a name in the root, or a file in the current
/// directory when the bundled root has no such applet. Without --arch the file's own ISA decides, then aarch64. Throws
/// Failure(127) for a missing file, Failure(126) for one that cannot be executed, Failure(125) for a bad --arch.
Program find_program(const RunOptions& options);

/// PROG is looked for on the disk first: it is an xv6 program's name there, or was left out (the disk's /init). Without
/// --arch the machine is riscv64 then, xv6's own.
bool is_on_disk(const RunOptions& options);

} // namespace host
