#pragma once

#include "isa.hpp"
#include "options.hpp"

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace host {

/// The byte streams between pylon and the guest (docs/boot-protocol.md): the UART and six named virtio ports.
enum class Channel : std::uint8_t { uart, standard_input, standard_output, standard_error, log, control, trace };
constexpr std::size_t channel_count = 7;

struct MachineFiles {
    std::filesystem::path kernel;
    std::filesystem::path initrd;
    /// QEMU's ends of the channels, inherited by number.
    std::array<int, channel_count> channels{};
    /// TCP port of the gdb stub; 0: none.
    unsigned gdb_port = 0;
    /// QEMU's end of a socket for the gdb stub; -1: none.
    int gdb_socket = -1;
};

/// Throws Failure(125) when the options ask for a machine that there is not.
void check_machine(Isa isa, const RunOptions& options);

/// QEMU's command line for one run. Throws Failure(125) for options that do not go together.
std::vector<std::string> qemu_command(Isa isa, const RunOptions& options, const MachineFiles& files);

} // namespace host
