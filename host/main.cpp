#include "abi_command.hpp"
#include "check/command.hpp"
#include "failure.hpp"
#include "message.hpp"
#include "run.hpp"
#include "test_command.hpp"
#include "trace/command.hpp"
#include "walk/command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fcntl.h>
#include <unistd.h>

namespace {

using host::RunOptions;

/// The options that run and debug share; everything from the first word that is no option on is the program and its
/// arguments.
void add_run_options(CLI::App& command, RunOptions& options) {
    // An option that is repeated replaces what it said before.
    command.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    command.add_option("--arch", options.arch, "aarch64, riscv64 or x86_64 (default: the program's own, else aarch64)");
    command
        .add_option(
            "--abi", options.abi,
            "whose system calls the program makes: auto, linux, sel4, xv6, rtthread, rtthread-5.0")
        ->check(CLI::IsMember({"auto", "linux", "sel4", "xv6", "rtthread", "rtthread-5.0"}));
    command.add_option(
        "--machine", options.machine, "virt, or virt-pci with its devices on PCI; on x86_64 q35 (default) or microvm");
    command.add_option(
        "--cpu", options.cpu, "a CPU model of QEMU's (default: cortex-a53, rv64, qemu64; with --abi sel4 Nehalem)");
    command.add_option("--gic", options.gic, "aarch64: version of the interrupt controller")
        ->check(CLI::IsMember({2, 3}));
    command.add_option("--smp", options.smp, "number of cores")->check(CLI::Range(1, 8));
    command.add_option("--memory", options.memory, "size of the memory, as 64M or 1G (default 512M)");
    command.add_option("--root", options.root, "a directory or a cpio archive in place of the bundled root");
    command.add_option(
        "--disk", options.disk,
        "an image with an xv6 file system, mounted at /xv6; without PROG its /init runs, or its /sh when the input is "
        "no terminal. walk: "
        "another kernel's disk, which is not changed");
    command.add_option("--initrd", options.initrd, "this file as the whole initrd; the kernel starts /init or /bin/sh");
    command.add_option("--env", options.environment, "K=V in the program's environment (may be repeated)")
        ->multi_option_policy(CLI::MultiOptionPolicy::Throw)
        ->allow_extra_args(false)
        ->check(
            [](const std::string& text) { return text.find('=') == text.npos ? "K=V is expected" : std::string(); });
    command.add_option("--cwd", options.working_directory, "the directory it starts in (default /)");
    command.add_flag("--isolate", options.isolate, "keep the kernel out of the user page tables");
    command.add_flag("--checked", options.checked, "the checked kernel (build preset <arch>-debug)");
    command.add_flag("--icount", options.icount, "count instructions as time, so that runs repeat exactly");
    command.add_option("--timeout", options.timeout, "seconds until the run is ended with status 124")
        ->check(CLI::PositiveNumber);
    command.add_option("--append", options.append, "more words for the kernel's command line");
    command.add_option("--kernel-log", options.kernel_log, "show the kernel's log on stderr: error, warn, info, debug")
        ->check(CLI::IsMember({"error", "warn", "info", "debug"}));
    command.add_option("--kernel", options.kernel, "another kernel image");
}

void add_walk_options(CLI::App& command, host::walk::WalkOptions& options) {
    command.add_option("--call", options.call, "the system call: its name, or its number");
    command
        .add_option(
            "--event", options.event,
            "in place of a call: an interrupt that arrives in user mode, or a fault that the program makes")
        ->check(CLI::IsMember({"interrupt", "fault"}));
    command.add_option(
        "--cause", options.cause,
        "only events of this cause count: x86's vector, the code in scause, the exception class in ESR_EL1");
    command.add_option("--through", options.through, "only those count whose path goes through this function");
    command.add_flag("--calls", options.calls, "name the calls that the kernel has, and nothing else");
    command.add_option("--nth", options.nth, "the how-manieth of these (default: the first)")
        ->check(CLI::PositiveNumber);
    command.add_flag("--functions", options.functions, "show the functions of each station");
    command.add_flag("--instructions", options.instructions, "show every instruction");
    command.add_flag("--zh", options.chinese, "in Chinese");
    command.add_flag("--irq", options.interrupts, "let interrupts in during the walk");
    command.add_option("--json", options.json, "write the walk as JSON to this file (-: to stdout)");
    command.add_option("--html", options.html, "write the walk as one self-contained page in English and Chinese");
    command.add_option("--perfetto", options.perfetto, "write the walk as a trace for ui.perfetto.dev");
    command.add_option("--folded", options.folded, "write the walk as folded stacks, for flame graphs");
    command.add_flag("--list", options.list, "name the walks of docs/walks");
    command.add_flag("--regenerate", options.regenerate, "make the pages of docs/walks again: all, or those named");
    command.add_option("--against", options.against, "line the walk up with another one, which --json has written");
    command.add_option("--budget", options.budget, "end with status 1 when the path has more instructions");
    command.add_option(
        "--stations", options.stations, "--kernel is another kernel, and this its map: a file, or a name");
    command.add_option("--symbols", options.symbols, "of that kernel: ELF, System.map, or a copy of /proc/kallsyms");
    command.add_option("--program-symbols", options.program_symbols, "only calls from this program's (ELF) code count");
    command.add_option("--type", options.typed, "a line for another kernel's console, when it has become silent");
}

void add_trace_options(CLI::App& command, host::trace::TraceOptions& options) {
    command.add_flag("-f", options.follow, "also the processes and threads that the program makes");
    command.add_flag("-c", options.only_summary, "count calls, errors and time; show the sums at the end");
    command.add_flag("-C", options.also_summary, "the same besides the calls");
    command.add_flag("-T", options.times, "show the time spent in each call");
    command.add_flag("--json", options.json, "one JSON object for each call");
    command.add_option(
        "-e", options.set, "trace=SET, or SET: names and %classes (file, desc, process, ...); ! inverts");
    command.add_option("-o", options.output, "write to this file in place of standard error");
    command.add_option("-s", options.strings, "bytes shown of a buffer (default 32)");
}

/// Cuts the program and its arguments off a command's words: everything behind "--", or from the first word on that is
/// neither an option nor an option's value. The program's own options must not be read as pylon's.
std::vector<std::string> take_program(const CLI::App& command, std::vector<std::string>& words) {
    auto at = words.begin();
    while (at != words.end() && *at != "--" && at->size() > 1 && at->front() == '-') {
        const CLI::Option* option = command.get_option_no_throw(*at);
        const bool has_value = option != nullptr && option->get_expected_min() > 0;
        at += has_value && at + 1 != words.end() ? 2 : 1;
    }
    std::vector<std::string> program(at != words.end() && *at == "--" ? at + 1 : at, words.end());
    words.erase(at, words.end());
    return program;
}

int dispatch(int count, char** arguments) {
    CLI::App app(
        "Tetrapylon: one kernel that answers four kernels' system calls, and the command that runs it.", "pylon");
    app.require_subcommand(1);
    RunOptions options;
    CLI::App* run = app.add_subcommand("run", "run a program (a host file, or a name in the bundled root)");
    CLI::App* debug =
        app.add_subcommand("debug", "the same, stopped before the first instruction with a gdb stub open");
    add_run_options(*run, options);
    add_run_options(*debug, options);
    host::walk::WalkOptions walk_options;
    CLI::App* walk = app.add_subcommand("walk", "show one system call from the trap instruction to the return");
    add_run_options(*walk, options);
    add_walk_options(*walk, walk_options);
    host::trace::TraceOptions trace_options;
    CLI::App* trace = app.add_subcommand("trace", "run a program and show its system calls, as strace does");
    add_run_options(*trace, options);
    add_trace_options(*trace, trace_options);
    bool check_as_json = false;
    CLI::App* check =
        app.add_subcommand("check", "will it run? the calls found in a program, against the kernel's table");
    check->add_option("--arch", options.arch, "for a name in the bundled root: aarch64 (default), riscv64 or x86_64");
    check->add_option("--abi", options.abi, "whose system calls it makes (default linux)")
        ->check(CLI::IsMember({"auto", "linux", "sel4", "xv6", "rtthread"}));
    check->add_flag("--json", check_as_json, "as JSON instead of text");
    std::string filter;
    CLI::App* test = app.add_subcommand("test", "everything that CI runs: unit tests, tests in QEMU, the format check");
    test->add_option("FILTER", filter, "a regular expression: only tests whose names have it");
    std::string arch = "aarch64", personality;
    bool as_json = false;
    CLI::App* abi = app.add_subcommand("abi", "the system calls that the kernel answers, read from the kernel");
    abi->add_option("--arch", arch, "aarch64 (default), riscv64, x86_64, or all in one table");
    abi->add_flag("--json", as_json, "as JSON instead of a Markdown table");
    abi->add_option("NAME", personality, "one personality: linux");
    app.add_subcommand("doctor", "what is missing on this machine and how to get it");
    for (const char* later : {"bench"}) {
        app.add_subcommand(later, "not built yet")->allow_extras()->prefix_command()->group("");
    }
    std::vector<std::string> words(arguments + 1, arguments + count);
    const CLI::App* runs = words.empty()         ? nullptr
                           : words[0] == "run"   ? run
                           : words[0] == "debug" ? debug
                           : words[0] == "walk"  ? walk
                           : words[0] == "trace" ? trace
                           : words[0] == "check" ? check
                                                 : nullptr;
    if (runs != nullptr) {
        std::vector<std::string> own(words.begin() + 1, words.end());
        options.program = take_program(*runs, own);
        own.insert(own.begin(), words[0]);
        words = std::move(own);
    }
    try {
        std::ranges::reverse(words); // as CLI11 takes them
        app.parse(words);
    } catch (const CLI::CallForHelp& help) {
        return app.exit(help);
    } catch (const CLI::ParseError& error) {
        app.exit(error);
        return host::own_failure;
    }
    if (walk->parsed()) {
        return host::walk::walk(options, walk_options);
    }
    if (check->parsed()) {
        return host::check::check(options, check_as_json);
    }
    if (trace->parsed()) {
        return host::trace::trace(options, trace_options);
    }
    if (runs != nullptr) {
        options.stopped = runs == debug;
        return host::run(options);
    }
    if (abi->parsed()) {
        return host::show_support(arch, personality, as_json);
    }
    if (test->parsed()) {
        host::run_tests(filter);
    }
    throw host::Failure(host::own_failure, app.get_subcommands().front()->get_name() + " is not built yet");
}

/// A standard descriptor that is closed would be given to the next file opened here, and be taken for a stream.
void open_standard_descriptors() {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (fcntl(fd, F_GETFD) == -1) {
            open("/dev/null", fd == STDIN_FILENO ? O_RDONLY : O_WRONLY);
        }
    }
}

} // namespace

int main(int count, char** arguments) {
    open_standard_descriptors();
    try {
        return dispatch(count, arguments);
    } catch (const host::Failure& failure) {
        host::say(failure.what());
        return failure.status();
    } catch (const std::exception& error) {
        host::say("{}", error.what());
        return host::own_failure;
    }
}
