#include "walk/recorder.hpp"

#include "failure.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace host::walk {

namespace {

constexpr std::size_t most_steps = 2'000'000;
constexpr std::uint64_t another_stack = 4096; // a stack pointer that moves so far has left its stack

/// Whether an instruction can change a register that is not among the general ones, or the privilege level.
bool is_system(std::string_view text) {
    static constexpr std::array<std::string_view, 13> beginnings{
        "msr", "csr", "eret", "sret", "mret", "sysret", "iret", "wr", "swap", "ecall", "syscall", "hvc", "smc"};
    return std::ranges::any_of(beginnings, [&](std::string_view one) { return text.starts_with(one); })
           || text.ends_with("%cr3");
}

bool waits(std::string_view text) {
    return text == "wfi" || text == "hlt" || text == "wfe";
}

} // namespace

Recorder::Recorder(Isa isa, GdbConnection& stub, Symbols& kernel, const KernelMap& map)
    : cpu_(isa, stub), kernel_(kernel), map_(map) {
    for (const Trampoline& one : map.trampolines) {
        if (one.address != 0) {
            kernel_.add_view(one.address, one.bytes, one.symbol);
        }
    }
}

/// What the trap's first instruction is and what the registers say of it.
void Recorder::add_trap(Recording& recording, const UserTrap& trap, const WalkWanted& wanted) {
    recording.steps.push_back({trap.address, 0, cpu_.user_instruction_at(trap.address).text});
    if (trap.kind == TrapKind::call) {
        recording.arguments.resize(std::min<std::size_t>(wanted.argument_count, registers_.arguments.size()));
        for (std::size_t i = 0; i < recording.arguments.size(); i++) {
            recording.arguments[i] = cpu_.core(registers_.arguments[i]);
        }
    } else {
        recording.decoded.push_back({"cause", "cause", trap.cause, words_of_cause(cpu_.isa(), trap)});
        if (trap.fault_address) {
            recording.decoded.push_back(
                {"address", "address", *trap.fault_address, fmt::format("{:#x}", *trap.fault_address)});
        }
    }
    Symbols* program = wanted.trap.program;
    if (program != nullptr && !program->frames_at(trap.address).empty()) {
        recording.stub = program->frames_at(trap.address).back().function;
    }
}

void Recorder::add_moment(Recording& recording, const RegisterValues& system) {
    RegisterValues& values = recording.registers[recording.steps.size()];
    values = system;
    for (const std::string_view name : cpu_.view().general) {
        if (const auto value = cpu_.value(name)) {
            values.emplace(name, *value);
        }
    }
}

/// Where a function is entered: does another thread run now?
void Recorder::note_thread(Recording& recording, const std::string& function) {
    const ThreadSign& sign = map_.thread;
    const auto compare = [&](std::optional<std::uint64_t>& last, std::uint64_t now, bool is_other) {
        if (last && is_other) {
            recording.thread_changes.push_back({recording.steps.size(), *last, now});
        }
        last = now;
    };
    if (!sign.symbol.empty()) {
        const auto address = kernel_.address_of(sign.symbol);
        const std::vector<std::uint8_t> bytes = address ? cpu_.memory(*address, 8) : std::vector<std::uint8_t>();
        if (bytes.size() == 8) {
            const std::uint64_t now = little_endian(bytes.data(), 8);
            compare(thread_, now, now != thread_);
        }
    }
    if (!sign.register_name.empty()) {
        const auto core_value = cpu_.value(sign.register_name);
        const std::uint64_t now = core_value ? *core_value : cpu_.system_register(sign.register_name).value_or(0);
        if (now >> 63 != 0) {
            compare(thread_, now, now != thread_);
        }
    }
    const bool switches =
        std::ranges::any_of(sign.switches, [&](const std::regex& one) { return std::regex_search(function, one); });
    const std::uint64_t stack = cpu_.core(cpu_.view().stack_pointer);
    if (switches && !in_switch_) {
        stack_ = stack;
    } else if (in_switch_ && !switches) {
        const std::uint64_t far = stack_ ? std::max(*stack_, stack) - std::min(*stack_, stack) : 0;
        compare(stack_, stack, far >= another_stack);
    }
    in_switch_ = switches;
}

/// What the last instruction changed, seen from the registers after it.
void Recorder::note_changes(Recording& recording, const RegisterValues& system) {
    std::vector<std::optional<std::uint64_t>> now;
    for (const std::string_view name : cpu_.view().general) {
        now.push_back(cpu_.value(name));
    }
    for (const ShownRegister& shown : cpu_.view().system) {
        const auto at = system.find(std::string(shown.name));
        now.push_back(at == system.end() ? std::nullopt : std::optional(at->second));
    }
    for (std::size_t i = 0; i < last_.size(); i++) {
        if (const auto value = now[i]; value && value != last_[i]) {
            recording.steps.back().changes.push_back({static_cast<std::uint16_t>(i), *value});
        }
    }
    last_ = std::move(now);
}

/// One step of the walk. False when it ended the machine, or would wait for ever.
bool Recorder::take_step(Recording& recording, const std::string& text) {
    if (waits(text)) {
        recording.ending = Ending::idle;
        return false;
    }
    recording.steps.push_back({cpu_.program_counter(), cpu_.privilege(), text});
    if (recording.steps.size() > most_steps) {
        throw Failure(own_failure, fmt::format("the path did not return within {} instructions", most_steps));
    }
    if (!cpu_.execute_instruction()) {
        recording.ending = Ending::machine_ended;
        return false;
    }
    return true;
}

/// Steps until user mode goes on, or nothing does.
void Recorder::follow(Recording& recording) {
    std::string function;
    RegisterValues system;
    for (bool system_may_differ = true;;) {
        const std::uint64_t pc = cpu_.program_counter();
        const std::vector<SourceFrame>& frames = kernel_.frames_at(pc);
        const std::string& here = frames.empty() ? function : frames.back().function;
        const bool enters = here != function || recording.steps.size() == 1;
        if (system_may_differ || enters) {
            system = cpu_.system_registers();
            add_moment(recording, system);
        }
        note_changes(recording, system);
        if (cpu_.privilege() == 0) {
            return;
        }
        if (enters) {
            function = here;
            note_thread(recording, function);
        }
        const std::string& text = cpu_.instruction_at(pc).text;
        if (!take_step(recording, text)) {
            return;
        }
        system_may_differ = is_system(text);
    }
}

/// Another thread's frame in user mode than before: the threads have changed where no sign of the map saw it.
void Recorder::note_final_frame(Recording& recording) const {
    const auto frame = map_.thread.frames.find(cpu_.isa());
    if (frame == map_.thread.frames.end() || !recording.thread_changes.empty()
        || recording.ending != Ending::elsewhere) {
        return;
    }
    const auto value = [&](const RegisterValues& values) {
        const auto at = values.find(frame->second);
        return at == values.end() ? 0 : at->second;
    };
    const std::uint64_t from = value(recording.registers.begin()->second);
    const std::uint64_t to = value(recording.registers.rbegin()->second);
    if (from != to) {
        recording.thread_changes.push_back({recording.steps.size() - 1, from, to});
    }
}

void Recorder::finish(Recording& recording, const UserTrap& trap) {
    recording.result = trap.kind == TrapKind::call ? cpu_.core(registers_.result) : 0;
    if (recording.ending == Ending::returned && cpu_.program_counter() != trap.next) {
        recording.ending = Ending::elsewhere;
    }
    note_final_frame(recording);
    recording.went_on_elsewhere = recording.ending != Ending::returned;
    if (at_end && recording.ending != Ending::machine_ended) {
        at_end(recording);
    }
}

Recording Recorder::walk(const UserTrap& trap, const WalkWanted& wanted) {
    Recording recording{.isa = cpu_.isa(), .trap = trap.kind, .call = wanted.trap.name, .number = wanted.trap.number};
    recording.kernel = map_.kernel;
    recording.register_names.assign(cpu_.view().general.begin(), cpu_.view().general.end());
    for (const ShownRegister& shown : cpu_.view().system) {
        recording.register_names.emplace_back(shown.name);
    }
    thread_ = stack_ = std::nullopt;
    in_switch_ = false;
    last_.clear();
    add_trap(recording, trap, wanted);
    if (at_trap) {
        at_trap(recording);
    }
    follow(recording);
    finish(recording, trap);
    return recording;
}

/// Whether the path has a function, by its whole name or the last part of it, inlined or not.
bool Recorder::passes(const Recording& recording, const std::string& function) {
    return std::ranges::any_of(recording.steps, [&](const Step& step) {
        return step.privilege != 0
               && std::ranges::any_of(kernel_.frames_at(step.program_counter), [&](const SourceFrame& frame) {
                      return frame.function == function || frame.function.ends_with("::" + function);
                  });
    });
}

void Recorder::complete_registers(WalkWanted& wanted) const {
    const IsaView& view = cpu_.view();
    CallRegisters& registers = wanted.registers;
    if (registers.number.empty()) {
        registers.number = view.number;
    }
    if (registers.result.empty()) {
        registers.result = view.result;
    }
    if (registers.arguments.empty()) {
        registers.arguments.assign(view.arguments.begin(), view.arguments.end());
    }
    wanted.trap.number_register = registers.number;
}

Recording Recorder::record(WalkWanted wanted) {
    using Mode = GdbConnection::StepMode;
    complete_registers(wanted);
    registers_ = wanted.registers;
    cpu_.stub().set_step_mode(wanted.let_interrupts_in ? Mode::interrupts : Mode::nothing);
    Search search(cpu_, kernel_, map_, wanted.trap);
    for (;;) {
        Recording recording = walk(search.next(), wanted);
        if (wanted.trap.through.empty() || passes(recording, wanted.trap.through)) {
            return recording;
        }
    }
}

} // namespace host::walk
