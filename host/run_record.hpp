#pragma once

#include "options.hpp"
#include "terminal.hpp"

#include <string>
#include <string_view>

namespace host {

/// Which of the program's streams are the guest's terminal; the others are virtio ports.
struct TerminalStreams {
    bool in = false, out = false, err = false;
    [[nodiscard]] bool any() const { return in || out || err; }
};

/// The content of `.tetrapylon/run` (docs/boot-protocol.md): what the kernel shall start, and how.
/// `program` is a path in the guest, or a name that the guest looks up in PATH.
std::string run_record(
    const RunOptions& options, std::string_view program, const TerminalStreams& terminal, const WindowSize& size);

} // namespace host
