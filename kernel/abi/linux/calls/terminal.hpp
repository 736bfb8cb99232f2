#pragma once
// Terminal ioctls (ioctl_tty(2)).

#include "file/open_file.hpp"
#include "terminal/terminal.hpp"

namespace abi::linux {

/// Errors: not_tty (an ioctl that terminals do not have), bad_address, and those of the terminal.
Result<std::int64_t>
terminal_ioctl(terminal::Terminal& terminal, file::OpenFile& opened, std::uint32_t command, std::uint64_t argument);

} // namespace abi::linux
