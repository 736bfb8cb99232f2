#include "boot_files.hpp"

#include "cpio.hpp"
#include "failure.hpp"
#include "places.hpp"
#include "root.hpp"
#include "run_record.hpp"

#include <fmt/format.h>
#include <fstream>
#include <sys/socket.h>
#include <unistd.h>

namespace host {

namespace fs = std::filesystem;

namespace {

/// The kernel image that this run boots, built when the sources are newer.
fs::path kernel_image(Isa isa, const RunOptions& options) {
    if (!options.kernel.empty()) {
        if (!fs::is_regular_file(options.kernel)) {
            throw Failure(own_failure, fmt::format("--kernel {}: not found", options.kernel));
        }
        return options.kernel;
    }
    const std::string preset = std::string(name_of(isa)) + (options.checked ? "-debug" : "");
    build_preset(preset);
    const fs::path image = source_tree() / "build" / preset / "tetrapylon";
    if (!fs::exists(image)) {
        throw Failure(own_failure, fmt::format("there is no kernel for {} in this tree", name_of(isa)));
    }
    return image;
}

void append_file(std::ofstream& to, const fs::path& from) {
    std::ifstream input(from, std::ios::binary);
    if (fs::file_size(from) > 0) { // inserting an empty buffer counts as a failure
        to << input.rdbuf();
    }
    while (to.tellp() % 4 != 0) {
        to.put('\0');
    }
    if (!input || !to) {
        throw Failure(own_failure, fmt::format("{}: cannot be copied into the initrd", from.string()));
    }
}

fs::path root_archive(Isa isa, const RunOptions& options, const fs::path& folder) {
    if (options.root.empty()) {
        return bundled_root(isa);
    }
    if (fs::is_regular_file(options.root)) {
        return options.root;
    }
    if (!fs::is_directory(options.root)) {
        throw Failure(own_failure, fmt::format("--root {}: not found", options.root));
    }
    const fs::path archive = folder / "root.cpio";
    CpioWriter cpio(archive);
    cpio.add_tree(options.root);
    cpio.finish();
    return archive;
}

/// Programs of our own that stand in the bundled root, from this tree's own build: their folder there, which is named
/// in build/<preset>/programs, and their names. Without a build (--kernel) there are none.
struct OwnPrograms {
    const char* guest;
    const char* built;
    std::vector<const char*> names;
};

void add_own_programs(CpioWriter& cpio, Isa isa) {
    for (const OwnPrograms& own : {
             OwnPrograms{"xv6", "xv6", {"cat", "echo", "status", "wc"}},
             OwnPrograms{"rtt", "rtthread", {"hello"}},
             OwnPrograms{"sel4", "sel4", {"bench", "events", "hello"}},
         }) {
        const fs::path folder = source_tree() / "build" / name_of(isa) / "programs" / own.built;
        cpio.add_directory(own.guest, 0755);
        for (const char* name : own.names) {
            if (fs::exists(folder / name)) {
                cpio.add_host_file(fmt::format("{}/{}", own.guest, name), 0755, folder / name);
            }
        }
    }
}

/// The initrd: the root, then the archive of this run.
fs::path make_initrd(
    const Program& program, const RunOptions& options, const TerminalStreams& terminal, const fs::path& folder) {
    if (!options.initrd.empty()) {
        if (!fs::is_regular_file(options.initrd)) {
            throw Failure(own_failure, fmt::format("--initrd {}: not found", options.initrd));
        }
        return options.initrd;
    }
    const bool from_host = !program.host_file.empty();
    const fs::path own = folder / "run.cpio";
    CpioWriter cpio(own);
    cpio.add_directory(".tetrapylon", 0700);
    const std::string guest_program = from_host ? "/.tetrapylon/program" : options.program[0];
    cpio.add_file(".tetrapylon/run", 0600, run_record(options, guest_program, terminal, window_size(STDOUT_FILENO)));
    if (from_host) {
        cpio.add_host_file(".tetrapylon/program", 0755, program.host_file);
    }
    if (options.root.empty()) {
        add_own_programs(cpio, program.isa);
    }
    cpio.finish();

    const fs::path initrd = folder / "initrd";
    std::ofstream whole(initrd, std::ios::binary);
    append_file(whole, root_archive(program.isa, options, folder));
    append_file(whole, own);
    return initrd;
}

} // namespace

MachineFiles
boot_files(const Program& program, const RunOptions& options, const TerminalStreams& terminal, const fs::path& folder) {
    MachineFiles files;
    files.kernel = kernel_image(program.isa, options);
    files.initrd = make_initrd(program, options, terminal, folder);
    return files;
}

std::array<Descriptor, 2> socket_pair() {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        throw Failure(own_failure, "cannot make a socket pair");
    }
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

Channels::Channels() {
    for (std::size_t index = 0; index < channel_count; index++) {
        auto [mine, theirs] = socket_pair();
        own.at(index) = std::move(mine);
        guest.at(index) = std::move(theirs);
    }
}

std::array<int, channel_count> Channels::guest_numbers() const {
    std::array<int, channel_count> numbers{};
    for (std::size_t index = 0; index < channel_count; index++) {
        numbers.at(index) = guest.at(index).get();
    }
    return numbers;
}

} // namespace host
