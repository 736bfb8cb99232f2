#pragma once
// The control port: how the guest tells pylon what became of the program, and pylon passes signals and window sizes in.

#include "lib/format.hpp"

#include <cstdint>

namespace boot {

/// Opens the port, if this machine has one, and starts the thread that listens to it. Needs /dev.
void open_control_port();
/// The process group that the host's signals go to; 0: nobody yet.
void set_control_group(std::int32_t group);

/// Says one line ("exit 0"), then switches the machine off. Without a port the line goes to the kernel log.
[[noreturn]] void finish(std::string_view line);

template <typename... Args>
[[noreturn]] void finish(format::Format<std::type_identity_t<Args>...> text, const Args&... args)
    requires(sizeof...(Args) > 0)
{
    std::array<char, 512> line;
    finish(std::string_view(line.data(), format::print(line, text, args...)));
}

} // namespace boot
