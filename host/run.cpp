#include "run.hpp"

#include "boot_files.hpp"
#include "failure.hpp"
#include "guest_process.hpp"
#include "machine.hpp"
#include "message.hpp"
#include "places.hpp"
#include "program.hpp"
#include "relay.hpp"

#include <csignal>
#include <netinet/in.h>
#include <sys/socket.h>

namespace host {

namespace fs = std::filesystem;

namespace {

/// Without a program: the disk's /init on a terminal, else its shell (an init would start one after the other at the
/// end of the input); without a disk the shell on a terminal, else a demonstration that ends by itself.
void choose_default_program(RunOptions& options, const TerminalStreams& terminal) {
    if (options.program.empty() && !options.disk.empty()) {
        options.program = {terminal.in ? "/init" : "/sh"};
        options.abi = options.abi == "auto" ? "xv6" : options.abi;
    }
    if (options.program.empty()) {
        options.program =
            terminal.in ? std::vector<std::string>{"sh", "-l"} : std::vector<std::string>{"sh", "/etc/demonstration"};
    }
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

int run(RunOptions options, RunObserver* observer) {
    std::signal(SIGPIPE, SIG_IGN);
    const TerminalStreams terminal{isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, isatty(STDERR_FILENO) == 1};
    const Program program = find_program(options);
    check_machine(program.isa, options);
    choose_default_program(options, terminal);

    const TemporaryFolder folder;
    MachineFiles files = boot_files(program, options, terminal, folder.path());

    RelaySetup setup;
    Channels channels;
    setup.channels = std::move(channels.own);
    files.channels = channels.guest_numbers();
    if (options.stopped) {
        files.gdb_port = free_port();
        say_how_to_attach(program.isa, options, files.gdb_port);
    }
    GuestProcess machine(
        qemu_command(program.isa, options, files), std::vector<int>(files.channels.begin(), files.channels.end()));
    channels.guest = {};

    setup.in_is_terminal = terminal.in;
    setup.out_is_terminal = terminal.out;
    setup.err_is_terminal = terminal.err;
    setup.greets = program.isa == Isa::riscv64;
    setup.show_log = !options.kernel_log.empty();
    setup.timeout = options.timeout;
    setup.machine = machine.pid();
    if (observer != nullptr) {
        setup.trace_out = observer->output();
        setup.read_trace = [observer](std::string_view bytes) { return observer->take(bytes); };
    }
    Relay relay(std::move(setup));
    const Outcome outcome = relay.run();
    if (observer != nullptr) {
        observer->ended(outcome);
    }
    explain(outcome, relay, machine.end());
    return exit_status(outcome);
}

} // namespace host
