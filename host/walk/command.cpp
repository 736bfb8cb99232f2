#include "walk/command.hpp"

#include "boot_files.hpp"
#include "failure.hpp"
#include "guest_process.hpp"
#include "message.hpp"
#include "places.hpp"
#include "relay.hpp"
#include "walk/call_table.hpp"
#include "walk/folded.hpp"
#include "walk/html.hpp"
#include "walk/json.hpp"
#include "walk/page_list.hpp"
#include "walk/perfetto.hpp"
#include "walk/recorder.hpp"
#include "walk/stations.hpp"
#include "walk/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

namespace host::walk {

namespace {

CallWanted find_call(const Symbols& kernel, const WalkOptions& options, double timeout) {
    const std::vector<CallRow> rows = read_call_table(kernel);
    unsigned number = 0;
    const char* end = options.call.data() + options.call.size();
    const bool is_number = std::from_chars(options.call.data(), end, number).ptr == end;
    const auto row = std::ranges::find_if(rows, [&](const CallRow& candidate) {
        return is_number ? candidate.number == number : candidate.name == options.call;
    });
    if (row == rows.end()) {
        throw Failure(own_failure, fmt::format("--call {}: the kernel's table has no such call", options.call));
    }
    return {
        .name = row->name,
        .number = row->number,
        .argument_count = row->argument_count,
        .nth = options.nth,
        .let_interrupts_in = options.interrupts,
        .timeout = timeout};
}

/// A machine that waits before its first instruction, with its streams going nowhere and its debugger stub at hand.
class StoppedMachine {
public:
    StoppedMachine(const Program& program, RunOptions& options) : null_(open("/dev/null", O_RDWR | O_CLOEXEC)) {
        MachineFiles files = boot_files(program, options, {}, folder_.path());
        Channels channels;
        auto [stub, theirs] = socket_pair();
        files.channels = channels.guest_numbers();
        files.gdb_socket = theirs.get();
        std::vector<int> inherited(files.channels.begin(), files.channels.end());
        inherited.push_back(files.gdb_socket);
        machine_.emplace(qemu_command(program.isa, options, files), inherited);
        stub_ = std::move(stub);
        RelaySetup setup;
        setup.channels = std::move(channels.own);
        setup.in = setup.out = setup.err = null_.get();
        setup.greets = program.isa == Isa::riscv64;
        relay_ = std::thread([setup = std::move(setup)]() mutable { Relay(std::move(setup)).run(); });
    }
    ~StoppedMachine() {
        machine_.reset();
        relay_.join();
    }
    StoppedMachine(const StoppedMachine&) = delete;

    Descriptor take_stub() { return std::move(stub_); }

private:
    TemporaryFolder folder_;
    Descriptor null_, stub_;
    std::optional<GuestProcess> machine_;
    std::thread relay_;
};

/// "-" is standard output.
void write_file(const std::string& file, const std::string& bytes) {
    if (file == "-") {
        std::cout << bytes;
        return;
    }
    std::ofstream output(file, std::ios::binary);
    output << bytes;
    if (!output.flush()) {
        throw Failure(own_failure, fmt::format("{}: cannot be written", file));
    }
}

/// The command that makes the page again, without where its files lie.
std::string command_line(const RunOptions& run, Isa isa, const WalkOptions& options) {
    std::string text = fmt::format("pylon walk --arch {}{}", name_of(isa), run.isolate ? " --isolate" : "");
    text += fmt::format(" --call {}{}", options.call, options.nth == 1 ? "" : fmt::format(" --nth {}", options.nth));
    return fmt::format("{} -- {}", text, fmt::join(run.program, " "));
}

/// Writes the files that were asked for.
void write_outputs(
    const WalkOptions& options, const RunOptions& run, const Recording& recording, const std::vector<Station>& stations,
    Symbols& kernel, const StationMap& map) {
    if (!options.json.empty()) {
        write_file(options.json, as_json(recording, stations, kernel).dump(1) + "\n");
    }
    if (!options.html.empty()) {
        const PageSubject subject{
            .kernel = "Tetrapylon",
            .program = fmt::format("{}", fmt::join(run.program, " ")),
            .command = command_line(run, recording.isa, options),
            .source_tree = source_tree()};
        write_file(options.html, as_page(recording, kernel, map, subject));
    }
    if (!options.perfetto.empty()) {
        write_file(options.perfetto, as_perfetto(recording, stations, kernel));
    }
    if (!options.folded.empty()) {
        write_file(options.folded, as_folded(recording, stations, kernel));
    }
}

} // namespace

int walk(RunOptions run, const WalkOptions& options) {
    if (options.list) {
        list_pages();
        return 0;
    }
    if (options.regenerate) {
        regenerate_pages(run.program);
        return 0;
    }
    if (options.call.empty()) {
        throw Failure(own_failure, "walk needs a call, as in: pylon walk --call getpid -- busybox true");
    }
    const Program program = find_program(run);
    check_machine(program.isa, run);
    if (program.isa == Isa::riscv64) {
        throw Failure(own_failure, "walk works on aarch64 and x86_64; riscv64 is not supported yet");
    }
    if (run.program.empty()) {
        throw Failure(own_failure, "walk needs a program, as in: pylon walk --call getpid -- busybox true");
    }
    run.stopped = true;
    const double timeout = run.timeout > 0 ? run.timeout : 60;
    StoppedMachine machine(program, run);
    const std::filesystem::path elf = source_tree() / "build" / name_of(program.isa) / "tetrapylon.elf";
    Symbols kernel(elf, source_tree());
    GdbConnection stub(machine.take_stub());
    const Recording recording = Recorder(program.isa, stub, kernel).record(find_call(kernel, options, timeout));
    const StationMap map = StationMap::load(source_tree() / "host/walk/stations/tetrapylon.json");
    const std::vector<Station> stations = fold(recording, kernel, map);
    write_outputs(options, run, recording, stations, kernel, map);
    const bool stdout_is_taken =
        options.quiet
        || std::ranges::contains(std::array{options.json, options.html, options.perfetto, options.folded}, "-");
    if (!stdout_is_taken) {
        const bool colour = isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
        std::cout << as_text(
            recording, stations, kernel,
            {.functions = options.functions,
             .instructions = options.instructions,
             .chinese = options.chinese,
             .colour = colour});
    }
    if (options.budget != 0 && recording.instructions() > options.budget) {
        say("{} instructions are over the budget of {}", recording.instructions(), options.budget);
        return 1;
    }
    return 0;
}

} // namespace host::walk
