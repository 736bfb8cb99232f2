#pragma once

#include "descriptor.hpp"
#include "machine.hpp"
#include "program.hpp"
#include "run_record.hpp"

#include <array>
#include <filesystem>
#include <vector>

namespace host {

/// The kernel image (built when the sources are newer) and the initrd of one run, written into `folder`. Channels are
/// left to the caller. Throws Failure(125).
MachineFiles boot_files(
    const Program& program, const RunOptions& options, const TerminalStreams& terminal,
    const std::filesystem::path& folder);

/// Two connected stream sockets.
std::array<Descriptor, 2> socket_pair();

/// Both ends of every byte stream between pylon and the guest. Throws Failure(125).
struct Channels {
    std::array<Descriptor, channel_count> own, guest;
    Channels();
    [[nodiscard]] std::array<int, channel_count> guest_numbers() const;
};

} // namespace host
