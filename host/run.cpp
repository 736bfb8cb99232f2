#include "run.hpp"

#include "cpio.hpp"
#include "failure.hpp"
#include "guest_process.hpp"
#include "machine.hpp"
#include "message.hpp"
#include "places.hpp"
#include "program.hpp"
#include "relay.hpp"
#include "root.hpp"
#include "run_record.hpp"

#include <csignal>
#include <fstream>
#include <netinet/in.h>
#include <sys/socket.h>

namespace host {

namespace fs = std::filesystem;

namespace {

/// Without a program: the shell on a terminal, else a demonstration that ends by itself.
void choose_default_program(RunOptions& options, const TerminalStreams& terminal) {
    if (options.program.empty()) {
        options.program =
            terminal.in ? std::vector<std::string>{"sh", "-l"} : std::vector<std::string>{"sh", "/etc/demonstration"};
    }
}

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
    cpio.finish();

    const fs::path initrd = folder / "initrd";
    std::ofstream whole(initrd, std::ios::binary);
    append_file(whole, root_archive(program.isa, options, folder));
    append_file(whole, own);
    return initrd;
}

/// A TCP port on the loopback interface that nobody listens on at this moment.
unsigned free_port() {
    const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (bind(socket.get(), any, size) != 0 || getsockname(socket.get(), any, &size) != 0) {
        throw Failure(own_failure, "no free TCP port for the debugger");
    }
    return ntohs(address.sin_port);
}

void say_how_to_attach(Isa isa, const RunOptions& options, unsigned port) {
    const fs::path symbols =
        source_tree() / "build" / (std::string(name_of(isa)) + (options.checked ? "-debug" : "")) / "tetrapylon.elf";
    say("stopped before the first instruction; attach with one of");
    say("  gdb-multiarch {} -ex 'target remote 127.0.0.1:{}'", symbols.string(), port);
    say("  lldb-19 {} -o 'gdb-remote 127.0.0.1:{}'", symbols.string(), port);
}

/// Tells on stderr what is not the program's own ending.
void explain(const Outcome& outcome, const Relay& relay, const std::string& qemu_words) {
    switch (outcome.kind) {
    case Outcome::Kind::exited:
    case Outcome::Kind::signalled:
    case Outcome::Kind::output_closed:
    case Outcome::Kind::interrupted:
        return;
    case Outcome::Kind::refused:
        say(outcome.message);
        return;
    case Outcome::Kind::timed_out:
        say("timed out");
        return;
    case Outcome::Kind::panicked:
        say("the kernel panicked: {}", outcome.message);
        break;
    case Outcome::Kind::lost:
        say("the machine ended without a word{}{}", outcome.message.empty() ? "" : ": ", outcome.message);
        break;
    }
    for (const std::string& line : relay.recent_lines()) {
        say("  {}", line);
    }
    LineReader().feed(qemu_words + "\n", [](std::string_view line) {
        if (!line.empty()) {
            say("  {}", line);
        }
    });
}

} // namespace

int run(RunOptions options) {
    std::signal(SIGPIPE, SIG_IGN);
    const TerminalStreams terminal{isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, isatty(STDERR_FILENO) == 1};
    const Program program = find_program(options);
    check_machine(program.isa, options);
    choose_default_program(options, terminal);

    const TemporaryFolder folder;
    MachineFiles files;
    files.kernel = kernel_image(program.isa, options);
    files.initrd = make_initrd(program, options, terminal, folder.path());

    RelaySetup setup;
    std::array<Descriptor, channel_count> guest_ends;
    for (std::size_t index = 0; index < channel_count; index++) {
        std::array<int, 2> ends{};
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
            throw Failure(own_failure, "cannot make a socket pair");
        }
        setup.channels.at(index) = Descriptor(ends[0]);
        guest_ends.at(index) = Descriptor(ends[1]);
        files.channels.at(index) = ends[1];
    }
    if (options.stopped) {
        files.gdb_port = free_port();
        say_how_to_attach(program.isa, options, files.gdb_port);
    }
    GuestProcess machine(
        qemu_command(program.isa, options, files), std::vector<int>(files.channels.begin(), files.channels.end()));
    guest_ends = {};

    setup.in_is_terminal = terminal.in;
    setup.out_is_terminal = terminal.out;
    setup.err_is_terminal = terminal.err;
    setup.greets = program.isa == Isa::riscv64;
    setup.show_log = !options.kernel_log.empty();
    setup.timeout = options.timeout;
    setup.machine = machine.pid();
    Relay relay(std::move(setup));
    const Outcome outcome = relay.run();
    explain(outcome, relay, machine.end());
    return exit_status(outcome);
}

} // namespace host
