#pragma once
// Terminals as device files: /dev/console, /dev/tty, the UART's own node.

#include "file/open_file.hpp"
#include "terminal/terminal.hpp"

namespace terminal {

/// Registers the device kinds. Boot only.
void register_devices();

/// The console: the UART with a line discipline. Null on a machine without one.
Terminal* console();
/// Connects the console to device::console_uart(). Once, at boot, when there is a UART. Errors: no_memory.
Result<> start_console();

/// An open file of a terminal. `path` may be empty. Errors: no_memory.
Result<Ref<file::OpenFile>> open_terminal(Ref<Terminal> terminal, const file::Path& path, std::uint32_t flags);

} // namespace terminal
