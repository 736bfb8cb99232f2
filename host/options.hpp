#pragma once

#include "isa.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace host {

/// What `run` and `debug` were asked for. Defaults are those of the command line.
struct RunOptions {
    std::string arch; ///< empty: the program's own ISA, else aarch64
    std::string abi = "auto";
    std::string machine; ///< empty: virt, or q35 on x86_64
    std::string cpu;     ///< empty: cortex-a53, rv64, qemu64
    unsigned gic = 2;    ///< aarch64's interrupt controller: version 2 or 3
    unsigned smp = 1;    ///< 1..8
    std::string memory = "512M";
    std::string root;   ///< directory or cpio archive in place of the bundled root
    std::string disk;   ///< image of a disk that the kernel mounts at /xv6
    std::string initrd; ///< this file as the whole initrd: no run record, the kernel starts /init or /bin/sh itself
    std::vector<std::string> environment;
    std::string working_directory = "/";
    bool isolate = false;
    bool checked = false; ///< the <isa>-debug kernel
    bool icount = false;
    double timeout = 0; ///< seconds; 0: none
    std::string append;
    std::string kernel_log; ///< error, warn, info, debug: shown on stderr from this level on; empty: kept for failures
    std::string kernel;     ///< another kernel image, for tests of pylon itself
    std::string trace;      ///< "program", "follow": system calls are told on the trace port; empty: not
    bool stopped = false;   ///< debug: wait for a debugger before the first instruction
    std::vector<std::string> program;
};

/// "64M", "1G", "65536K", "512" (MiB) in bytes; nothing when it is no size or none that fits 64 bits.
std::optional<std::uint64_t> parse_size(std::string_view text);

} // namespace host
