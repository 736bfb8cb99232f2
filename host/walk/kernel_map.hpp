#pragma once
// What a map file (stations/*.json) says of a kernel besides its stations: where calls enter it, and on which
// machine it runs.

#include "isa.hpp"
#include "walk/recording.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <regex>
#include <string>
#include <vector>

namespace host::walk {

/// Where traps from user mode arrive: a symbol's address plus an offset; or an array of entries from there on.
struct EntryPoint {
    std::string symbol;
    std::uint64_t offset = 0;
    std::optional<Isa> isa; ///< empty: on all of the map's
    std::vector<TrapKind> kinds{TrapKind::call};
    unsigned count = 1;             ///< entries in the array
    unsigned stride = 0;            ///< bytes from one to the next
    std::optional<unsigned> vector; ///< x86: the first one's number; empty: SYSCALL's own entry
};

/// Code that runs at another address than its symbols have.
struct Trampoline {
    std::uint64_t address = 0; ///< where it runs
    std::uint64_t bytes = 0;
    std::string symbol; ///< what it is a second view of
};

/// How to see which thread runs. Empty strings: not this way.
struct ThreadSign {
    std::string symbol;                  ///< a pointer in memory that names the running thread
    std::string register_name;           ///< a register that does, while it holds a kernel address
    std::vector<std::regex> switches{};  ///< functions in which the stack pointer goes over to another stack
    std::map<Isa, std::string> frames{}; ///< a shown system register that in user mode tells the threads apart
};

/// The machine that the kernel expects, where it is not pylon's own choice.
struct MachineWords {
    std::string machine, cpu, memory;
    std::string append;               ///< the kernel's command line
    std::string program_append;       ///< behind it when a program is given: {program} and {arguments} are replaced
    std::vector<std::string> options; ///< more words for QEMU
    std::vector<std::string> disk;    ///< words for --disk; {disk} is replaced
};

struct KernelMap {
    std::string kernel;      ///< its name in words
    std::optional<Isa> isa;  ///< empty: all three
    std::string personality; ///< whose call table names the calls: "linux", ...
    std::vector<EntryPoint> entries{};
    std::string
        gate{}; ///< a function that runs once, before the first program; empty: look at every trap from reset on
    std::vector<Trampoline> trampolines{};
    ThreadSign thread{};
    MachineWords machine{};

    /// Throws Failure(125) for a file that is missing or no map.
    static KernelMap load(const std::filesystem::path& file);
    /// The same of a file's contents; `name` is for the message.
    static KernelMap parse(const std::string& text, const std::string& name);
};

/// The map that `--stations WORD` means: a file, or the name of one that is shipped. Throws Failure(125), naming those
/// that there are.
std::filesystem::path find_map(const std::string& word);

} // namespace host::walk
