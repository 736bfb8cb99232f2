#include "walk/command.hpp"

#include "failure.hpp"
#include "message.hpp"
#include "places.hpp"
#include "program.hpp"
#include "walk/arguments.hpp"
#include "walk/call_names.hpp"
#include "walk/compare.hpp"
#include "walk/folded.hpp"
#include "walk/html.hpp"
#include "walk/json.hpp"
#include "walk/page_list.hpp"
#include "walk/perfetto.hpp"
#include "walk/recorder.hpp"
#include "walk/stations.hpp"
#include "walk/text.hpp"
#include "walk/walked_machine.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

namespace host::walk {

namespace {

namespace fs = std::filesystem;

constexpr double usual_timeout = 60; // seconds

/// What is walked: our kernel or another one.
struct Subject {
    Isa isa = Isa::aarch64;
    bool is_own = true;
    fs::path map_file;
    KernelMap map;
    fs::path tables;  ///< our own kernel with symbols, whose call tables name the calls; may be missing
    fs::path symbols; ///< of the kernel that is walked
};

fs::path own_kernel(Isa isa, bool is_checked) {
    return source_tree() / "build" / (std::string(name_of(isa)) + (is_checked ? "-debug" : "")) / "tetrapylon.elf";
}

Isa foreign_isa(const RunOptions& run, const KernelMap& map) {
    const auto named = isa_named(run.arch);
    if (!run.arch.empty() && (!named || (map.isa && *map.isa != *named))) {
        throw Failure(own_failure, fmt::format("--arch {}: the map is of {}", run.arch, map.kernel));
    }
    return named ? *named : map.isa.value_or(look_at_program(run.kernel).isa.value_or(Isa::aarch64));
}

Subject find_subject(const RunOptions& run, const WalkOptions& options) {
    Subject subject;
    subject.is_own = options.stations.empty();
    subject.map_file = find_map(subject.is_own ? "tetrapylon" : options.stations);
    subject.map = KernelMap::load(subject.map_file);
    if (subject.is_own) {
        const Program program = find_program(run);
        check_machine(program.isa, run);
        subject.isa = program.isa;
        subject.tables = subject.symbols = own_kernel(program.isa, run.checked);
        if (!options.symbols.empty()) {
            subject.symbols = options.symbols;
        }
        return subject;
    }
    if (run.kernel.empty() || !fs::is_regular_file(run.kernel)) {
        throw Failure(
            own_failure, run.kernel.empty() ? "--stations is for another kernel: --kernel names its image"
                                            : fmt::format("--kernel {}: not found", run.kernel));
    }
    subject.isa = foreign_isa(run, subject.map);
    subject.tables = own_kernel(subject.isa, false);
    subject.symbols = options.symbols.empty() ? run.kernel : options.symbols;
    return subject;
}

std::unique_ptr<WalkedMachine> start(const Subject& subject, const RunOptions& run, const WalkOptions& options) {
    require_emulator(subject.isa);
    if (!subject.is_own) {
        return foreign_machine(subject.isa, run, subject.map, {.disk = run.disk, .typed = options.typed});
    }
    if (run.program.empty() && run.initrd.empty()) {
        throw Failure(own_failure, "walk needs a program, as in: pylon walk --call getpid -- busybox true");
    }
    return own_machine(find_program(run), run);
}

/// Whose calls are meant; empty: not said. Our root has a folder for the programs of each personality but Linux.
std::string personality_of(const Subject& subject, const RunOptions& run) {
    if (run.abi != "auto") {
        return run.abi;
    }
    if (!subject.map.personality.empty() || run.program.empty()) {
        return subject.map.personality;
    }
    for (const auto& [folder, personality] :
         {std::pair{"/xv6/", "xv6"}, std::pair{"/sel4/", "sel4"}, std::pair{"/rtt/", "rtthread"}}) {
        if (run.program[0].find(folder) != std::string::npos) {
            return personality;
        }
    }
    return {};
}

/// The names of the handler's parameters in our own kernel, which has a handler for the calls of the others too.
std::vector<std::string> parameter_names(const Subject& subject, const Symbols& kernel, const KnownCall& call) {
    const std::string handler = fmt::format("abi::{}::sys_{}", call.personality, call.row.name);
    if (subject.is_own) {
        return kernel.parameters_of(handler);
    }
    return fs::exists(subject.tables) ? Symbols(subject.tables, source_tree()).parameters_of(handler)
                                      : std::vector<std::string>();
}

/// Lets the arguments be decoded at the call and the result behind it.
void decode_with(Recorder& recorder, const KnownCall& call, const std::vector<std::string>& names) {
    const auto memory = [&recorder](std::uint64_t address, std::size_t bytes) {
        return recorder.memory(address, bytes);
    };
    recorder.at_trap = [call = call, memory, names = names](Recording& recording) {
        // A handler that wants the thread has it as its first parameter.
        const std::size_t extra = names.size() > call.row.kinds.size() ? names.size() - call.row.kinds.size() : 0;
        const std::vector<std::string> own(names.begin() + static_cast<std::ptrdiff_t>(extra), names.end());
        recording.decoded = decode_arguments(call.row, own, recording.arguments, memory);
        if (call.personality == "sel4") {
            recording.message = decode_capability_call(recording.arguments);
        }
    };
    recorder.at_end = [call = call, memory](Recording& recording) {
        if (recording.ending == Ending::returned) {
            decode_output(call.row, recording, memory);
            recording.result_text = call.personality == "linux" ? linux_error(recording.result) : std::string();
        }
    };
}

unsigned argument_registers(const KnownCall& call) {
    if (call.personality == "sel4") {
        return static_cast<unsigned>(call.registers.arguments.size()); // the message's words are behind the arguments
    }
    return call.row.kinds.empty() ? call.row.arguments : register_count(call.row);
}

void want_call(WalkWanted& wanted, const CallNames& names, const KnownCall& call) {
    wanted.trap.name = call.row.name;
    wanted.trap.number = call.number;
    wanted.trap.name_of = [&names](std::int64_t number) { return names.name_of(number); };
    wanted.argument_count = argument_registers(call);
    wanted.registers = call.registers;
}

/// What was recorded, with what explains it.
struct Walked {
    std::unique_ptr<Symbols> kernel;
    Recording recording;
};

Walked record(const Subject& subject, const RunOptions& run, const WalkOptions& options) {
    auto machine = start(subject, run, options);
    try {
        auto kernel = std::make_unique<Symbols>(subject.symbols, source_tree());
        std::optional<Symbols> program;
        if (!options.program_symbols.empty()) {
            program.emplace(options.program_symbols, source_tree());
        }
        GdbConnection stub(machine->take_stub());
        Recorder recorder(subject.isa, stub, *kernel, subject.map);
        WalkWanted wanted{
            .trap =
                {.name = options.event,
                 .cause = options.cause,
                 .through = options.through,
                 .nth = options.nth,
                 .timeout = run.timeout > 0 ? run.timeout : usual_timeout,
                 .program = program ? &*program : nullptr},
            .let_interrupts_in = options.interrupts};
        std::optional<CallNames> names;
        if (options.event.empty()) {
            names.emplace(subject.tables, subject.isa, personality_of(subject, run));
            const KnownCall call = names->find(options.call);
            want_call(wanted, *names, call);
            decode_with(recorder, call, parameter_names(subject, *kernel, call));
        } else {
            wanted.trap.kind = trap_kind_named(options.event).value_or(TrapKind::fault);
        }
        Recording recording = recorder.record(std::move(wanted));
        return {std::move(kernel), std::move(recording)};
    } catch (const Failure& failure) {
        const std::string words = machine->end();
        throw Failure(failure.status(), words.empty() ? failure.what() : fmt::format("{}\n{}", failure.what(), words));
    }
}

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
    std::string text = fmt::format(
        "pylon walk --arch {}{}{}", name_of(isa), run.abi == "auto" ? "" : " --abi " + run.abi,
        run.isolate ? " --isolate" : "");
    text += options.event.empty() ? fmt::format(" --call {}", options.call) : fmt::format(" --event {}", options.event);
    text += options.cause ? fmt::format(" --cause {:#x}", *options.cause) : "";
    text += options.through.empty() ? "" : fmt::format(" --through {}", options.through);
    text += options.nth == 1 ? "" : fmt::format(" --nth {}", options.nth);
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
            .kernel = recording.kernel,
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

nlohmann::ordered_json read_walk(const std::string& file) {
    std::ifstream input(file);
    nlohmann::ordered_json walk = nlohmann::ordered_json::parse(input, nullptr, false);
    if (walk.is_discarded()) {
        throw Failure(own_failure, fmt::format("--against {}: no such file, or no JSON", file));
    }
    return walk;
}

int list_calls(const Subject& subject, const RunOptions& run) {
    if (subject.is_own) {
        build_preset(std::string(name_of(subject.isa)) + (run.checked ? "-debug" : ""));
    }
    std::cout << CallNames(subject.tables, subject.isa, personality_of(subject, run)).list();
    return 0;
}

} // namespace

int walk(const RunOptions& run, const WalkOptions& options) {
    if (options.list) {
        list_pages();
        return 0;
    }
    if (options.regenerate) {
        regenerate_pages(run.program);
        return 0;
    }
    const Subject subject = find_subject(run, options);
    if (options.calls) {
        return list_calls(subject, run);
    }
    if (options.call.empty() == options.event.empty()) {
        throw Failure(
            own_failure, options.call.empty()
                             ? "walk needs a call or an event, as in: pylon walk --call getpid -- busybox true"
                             : "--call and --event: one walk is of one trap");
    }
    const nlohmann::ordered_json there = options.against.empty() ? nullptr : read_walk(options.against);
    const auto [kernel, recording] = record(subject, run, options);
    const StationMap map = StationMap::load(subject.map_file);
    const std::vector<Station> stations = fold(recording, *kernel, map);
    write_outputs(options, run, recording, stations, *kernel, map);
    const bool stdout_is_taken =
        options.quiet
        || std::ranges::contains(std::array{options.json, options.html, options.perfetto, options.folded}, "-");
    if (!options.against.empty()) {
        std::cout << compare(there, as_json(recording, stations, *kernel), options.chinese);
    } else if (!stdout_is_taken) {
        const bool colour = isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
        std::cout << as_text(
            recording, stations, *kernel,
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
