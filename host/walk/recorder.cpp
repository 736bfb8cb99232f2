#include "walk/recorder.hpp"

#include "failure.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace host::walk {

namespace {

constexpr std::uint64_t aarch64_svc_class = 0x15;     // ESR_EL1.EC: SVC in AArch64 state
constexpr std::uint64_t riscv_user_call_cause = 8;    // scause: environment call from U-mode
constexpr std::uint64_t aarch64_lower_vector = 0x400; // VBAR_EL1: synchronous, from a lower level in AArch64
constexpr std::size_t stub_bytes = 8;                 // of a user function, compared with its ELF file
constexpr unsigned most_stub_steps = 1000;            // from a user function's first instruction to its trap
constexpr unsigned most_tries = 1000;                 // steps that execute nothing
constexpr std::uint64_t another_stack = 4096;         // a stack pointer that moves so far has left its stack

/// The trap instruction's address, from the one that the CPU kept to return to (x86: behind it; aarch64: too; riscv:
/// itself).
std::uint64_t trap_address(Isa isa, std::uint64_t return_address) {
    switch (isa) {
    case Isa::aarch64:
        return return_address - 4;
    case Isa::riscv64:
        return return_address;
    case Isa::x86_64:
        break;
    }
    return return_address - 2;
}

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

std::int64_t as_number(std::uint64_t value) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
}

} // namespace

Recorder::Recorder(Isa isa, GdbConnection& stub, Symbols& kernel, const KernelMap& map)
    : isa_(isa), view_(view_of(isa)), stub_(stub), kernel_(kernel), kernel_map_(map),
      map_(stub.register_descriptions()), disassembler_(view_) {
    for (const Trampoline& one : map.trampolines) {
        if (one.address != 0) {
            kernel_.add_view(one.address, one.bytes, one.symbol);
        }
    }
    require_registers();
}

void Recorder::require_registers() const {
    static constexpr std::array<std::string_view, 3> aarch64{"cpsr", "ELR_EL1", "ESR_EL1"},
        riscv64{"priv", "sepc", "scause"}, x86_64{"cs", "rcx", "cr3"};
    for (const std::string_view name : isa_ == Isa::aarch64 ? aarch64 : isa_ == Isa::riscv64 ? riscv64 : x86_64) {
        if (map_.find(name) == nullptr) {
            throw Failure(
                own_failure, fmt::format(
                                 "the emulator does not show {} to a debugger: this QEMU is too old (7.2 is known to "
                                 "work)",
                                 name));
        }
    }
}

std::uint64_t Recorder::core(std::string_view name) const {
    return map_.value(core_, name).value_or(0);
}

void Recorder::read_core() {
    core_ = stub_.core_registers();
    auto value = map_.value(core_, view_.mode_register);
    if (!value) {
        value = system_register(view_.mode_register);
    }
    privilege_ = view_.privilege(value.value_or(0));
}

std::optional<std::uint64_t> Recorder::system_register(std::string_view stub_name) {
    const RegisterPlace* place = map_.find(stub_name);
    return place == nullptr ? std::nullopt : stub_.register_value(place->number);
}

RegisterValues Recorder::system_registers() {
    std::vector<unsigned> numbers;
    std::vector<std::string_view> names;
    for (const ShownRegister& shown : view_.system) {
        if (const RegisterPlace* place = map_.find(shown.stub_name)) {
            numbers.push_back(place->number);
            names.push_back(shown.name);
        }
    }
    RegisterValues values;
    const auto read = stub_.register_values(numbers);
    for (std::size_t i = 0; i < names.size(); i++) {
        if (const auto value = read[i]) {
            values.emplace(names[i], *value);
        }
    }
    return values;
}

std::uint64_t Recorder::user_program_counter() {
    if (isa_ == Isa::x86_64) {
        return core("rcx"); // SYSCALL keeps it there
    }
    return system_register(isa_ == Isa::aarch64 ? "ELR_EL1" : "sepc").value_or(0);
}

std::set<std::uint64_t> Recorder::entry_addresses() const {
    std::set<std::uint64_t> addresses;
    std::string names;
    for (const EntryPoint& entry : kernel_map_.entries) {
        if (entry.isa && *entry.isa != isa_) {
            continue;
        }
        names += (names.empty() ? "" : ", ") + entry.symbol;
        if (const auto address = kernel_.address_of(entry.symbol)) {
            addresses.insert(*address + entry.offset);
            for (const Trampoline& view : kernel_map_.trampolines) {
                const std::uint64_t into = *address + entry.offset - kernel_.address_of(view.symbol).value_or(0);
                if (into < view.bytes) {
                    addresses.insert(view.address + into);
                }
            }
        }
    }
    if (addresses.empty()) {
        throw Failure(
            own_failure, fmt::format(
                             "the kernel has no symbol that names its system-call entry (one of: {}); is this the map "
                             "and are these the symbols of that kernel?",
                             names));
    }
    return addresses;
}

bool Recorder::is_system_call() {
    switch (isa_) {
    case Isa::aarch64:
        return system_register("ESR_EL1").value_or(0) >> 26 == aarch64_svc_class;
    case Isa::riscv64:
        return system_register("scause") == riscv_user_call_cause;
    case Isa::x86_64:
        break;
    }
    return true; // SYSCALL has an entry of its own
}

/// The program's ELF file has the same code around the trap instruction as memory has.
bool Recorder::comes_from(Symbols& program) {
    const std::uint64_t address = trap_address(isa_, user_program_counter());
    const std::vector<std::uint8_t> here = stub_.memory(address, 8);
    const std::string there = program.image_bytes(address, here.size());
    return !here.empty() && there.size() == here.size()
           && std::ranges::equal(here, there, {}, {}, [](char c) { return static_cast<std::uint8_t>(c); });
}

bool Recorder::is_wanted(const CallWanted& wanted) {
    if (!is_system_call()) {
        return false;
    }
    const std::int64_t number = as_number(core(registers_.number));
    if (wanted.program != nullptr && !comes_from(*wanted.program)) {
        return false;
    }
    seen_[number]++;
    return number == as_number(static_cast<std::uint64_t>(wanted.number)) && ++met_ == wanted.nth;
}

void Recorder::fail_missing(const CallWanted& wanted, GdbConnection::Stop stop) const {
    std::vector<std::string> others;
    for (const auto& [number, times] : seen_) {
        const std::string name = wanted.name_of ? wanted.name_of(number) : std::string();
        others.push_back(fmt::format(
            "{}{}", name.empty() ? std::to_string(number) : name, times > 1 ? fmt::format(" ({} times)", times) : ""));
    }
    const std::string which = wanted.nth > 1 ? fmt::format(" a {}. time ({} seen)", wanted.nth, met_) : std::string();
    throw Failure(
        timed_out,
        fmt::format(
            "{} (call {}) did not come{} {}; calls seen: {}", wanted.name, wanted.number, which,
            stop == GdbConnection::Stop::ended ? std::string("before the machine ended")
                                               : fmt::format("within {} s (--timeout gives it longer)", wanted.timeout),
            others.empty() ? "none" : fmt::format("{}", fmt::join(others, ", "))));
}

/// In the kernel, at a system call's entry: goes on to user mode and looks where the next one will enter. A
/// trampoline's own vector can be in force there, which no symbol tells.
void Recorder::learn_vector(std::set<std::uint64_t>& entries) {
    for (std::size_t steps = 0; privilege_ != 0; steps++) {
        if (steps > most_steps || waits(instruction_at(core(view_.program_counter)).text)
            || stub_.step() == GdbConnection::Stop::ended) {
            return;
        }
        read_core();
    }
    const auto vector = system_register(isa_ == Isa::aarch64 ? "VBAR" : "stvec");
    const std::uint64_t entry = vector.value_or(0) + (isa_ == Isa::aarch64 ? aarch64_lower_vector : 0);
    if (!vector || entries.contains(entry)) {
        return;
    }
    // The trampoline's page is another view of the code that its symbols name.
    for (const Trampoline& one : kernel_map_.trampolines) {
        if (one.address == 0) {
            kernel_.add_view(*vector & ~std::uint64_t{0xfff}, one.bytes, one.symbol);
        }
    }
    for (const std::uint64_t old : entries) {
        stub_.remove_breakpoint(old);
    }
    entries = {entry};
    stub_.insert_breakpoint(entry);
}

/// A limit for everything until the call: what is left of the time.
class Recorder::Deadline {
public:
    explicit Deadline(double seconds) : end_(Clock::now() + std::chrono::duration<double>(seconds)) {}
    [[nodiscard]] double rest() const {
        return std::max(0.0, std::chrono::duration<double>(end_ - Clock::now()).count());
    }

private:
    using Clock = std::chrono::steady_clock;
    std::chrono::time_point<Clock, std::chrono::duration<double>> end_;
};

void Recorder::run_to_call(const CallWanted& wanted) {
    const Deadline deadline(wanted.timeout);
    if (const auto gate = kernel_.address_of(kernel_map_.gate); !kernel_map_.gate.empty() && gate) {
        stub_.insert_breakpoint(*gate);
        if (const auto stop = stub_.resume(deadline.rest()); stop != GdbConnection::Stop::stopped) {
            fail_missing(wanted, stop);
        }
        stub_.remove_breakpoint(*gate);
    }
    const auto stub = wanted.program == nullptr ? std::nullopt : wanted.program->address_of(wanted.name);
    if (stub) {
        run_to_stub(wanted, *stub, deadline);
    } else {
        run_to_entry(wanted, deadline);
    }
}

/// By the program's own function of the call's name: the rest of the machine runs at full speed.
void Recorder::run_to_stub(const CallWanted& wanted, std::uint64_t function, const Deadline& deadline) {
    using Stop = GdbConnection::Stop;
    const std::string code = wanted.program->image_bytes(function, stub_bytes);
    stub_.insert_breakpoint(function);
    for (;;) {
        Stop stop = stub_.resume(deadline.rest());
        if (stop != Stop::stopped) {
            fail_missing(wanted, stop);
        }
        read_core();
        const std::vector<std::uint8_t> here = stub_.memory(function, code.size());
        const bool is_program = privilege_ == 0 && std::ranges::equal(here, code, {}, {}, [](char c) {
                                    return static_cast<std::uint8_t>(c);
                                });
        for (unsigned steps = 0; steps == 0 || (is_program && privilege_ == 0 && steps < most_stub_steps); steps++) {
            if (stub_.step() == Stop::ended) {
                fail_missing(wanted, Stop::ended);
            }
            read_core();
        }
        if (is_program && privilege_ != 0 && is_wanted(wanted)) {
            break;
        }
    }
    stub_.remove_breakpoint(function);
}

/// By the kernel's entry: every trap stops the machine.
void Recorder::run_to_entry(const CallWanted& wanted, const Deadline& deadline) {
    using Stop = GdbConnection::Stop;
    std::set<std::uint64_t> entries = entry_addresses();
    for (const std::uint64_t entry : entries) {
        stub_.insert_breakpoint(entry);
    }
    const bool vector_moves =
        std::ranges::any_of(kernel_map_.trampolines, [](const Trampoline& one) { return one.address == 0; });
    bool learnt = isa_ == Isa::x86_64 || !vector_moves;
    for (;;) {
        const Stop stop = stub_.resume(deadline.rest());
        if (stop != Stop::stopped) {
            fail_missing(wanted, stop);
        }
        read_core();
        if (!learnt && is_system_call()) {
            learnt = true;
            learn_vector(entries);
            continue;
        }
        if (is_wanted(wanted)) {
            break;
        }
        // Off the breakpoint: one that still stands on it would meet the same call again.
        if (!execute_instruction()) {
            fail_missing(wanted, Stop::ended);
        }
    }
    for (const std::uint64_t entry : entries) {
        stub_.remove_breakpoint(entry);
    }
}

const Instruction& Recorder::instruction_at(std::uint64_t address) {
    const auto [at, is_new] = instructions_.try_emplace(address);
    if (is_new) {
        at->second = disassembler_.at(address, stub_.memory(address, view_.largest_instruction));
    }
    return at->second;
}

void Recorder::add_trap_instruction(Recording& recording, Symbols* program) {
    const std::uint64_t address = trap_address(isa_, user_program_counter());
    recording.steps.push_back({address, 0, instruction_at(address).text});
    for (std::size_t i = 0; i < recording.arguments.size(); i++) {
        recording.arguments[i] = core(registers_.arguments[i]);
    }
    if (program != nullptr && !program->frames_at(address).empty()) {
        recording.stub = program->frames_at(address).back().function;
    }
}

void Recorder::add_moment(Recording& recording, const RegisterValues& system) {
    RegisterValues& values = recording.registers[recording.steps.size()];
    values = system;
    for (const std::string_view name : view_.general) {
        if (const auto value = map_.value(core_, name)) {
            values.emplace(name, *value);
        }
    }
}

/// Where a function is entered: does another thread run now?
void Recorder::note_thread(Recording& recording, const std::string& function) {
    const ThreadSign& sign = kernel_map_.thread;
    const auto compare = [&](std::optional<std::uint64_t>& last, std::uint64_t now, bool is_other) {
        if (last && is_other) {
            recording.thread_changes.push_back({recording.steps.size(), *last, now});
        }
        last = now;
    };
    if (!sign.symbol.empty()) {
        const auto address = kernel_.address_of(sign.symbol);
        const std::vector<std::uint8_t> bytes = address ? stub_.memory(*address, 8) : std::vector<std::uint8_t>();
        if (bytes.size() == 8) {
            const std::uint64_t now = little_endian(bytes.data(), 8);
            compare(thread_, now, now != thread_);
        }
    }
    if (!sign.register_name.empty()) {
        const auto core_value = map_.value(core_, sign.register_name);
        const std::uint64_t now = core_value ? *core_value : system_register(sign.register_name).value_or(0);
        if (now >> 63 != 0) {
            compare(thread_, now, now != thread_);
        }
    }
    const bool switches =
        std::ranges::any_of(sign.switches, [&](const std::regex& one) { return std::regex_search(function, one); });
    const std::uint64_t stack = core(view_.stack_pointer);
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
    for (const std::string_view name : view_.general) {
        now.push_back(map_.value(core_, name));
    }
    for (const ShownRegister& shown : view_.system) {
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

/// False when the machine has ended: the stub may still answer the step that did it.
bool Recorder::step_and_read() {
    try {
        if (stub_.step() == GdbConnection::Stop::ended) {
            return false;
        }
        read_core();
        return true;
    } catch (const Failure&) {
        if (stub_.is_closed()) {
            return false;
        }
        throw;
    }
}

/// Executes the instruction that the CPU stands at. False when that ended the machine.
bool Recorder::execute_instruction() {
    // An interrupt that arrives makes QEMU stop before the instruction was executed (x86: the APIC is polled first). No
    // instruction leaves everything as it was, but a jump to itself.
    const std::vector<std::uint8_t> before = core_;
    for (unsigned tries = 0; tries < most_tries; tries++) {
        if (!step_and_read()) {
            return false;
        }
        if (core_ != before) {
            return true;
        }
    }
    throw Failure(own_failure, fmt::format("the CPU does not leave {:#x}", core(view_.program_counter)));
}

/// One step of the walk. False when it ended the machine, or would wait for ever.
bool Recorder::take_step(Recording& recording, const std::string& text) {
    if (waits(text)) {
        recording.ending = Ending::idle;
        return false;
    }
    recording.steps.push_back({core(view_.program_counter), privilege_, text});
    if (recording.steps.size() > most_steps) {
        throw Failure(own_failure, fmt::format("the call did not return within {} instructions", most_steps));
    }
    if (!execute_instruction()) {
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
        const std::uint64_t pc = core(view_.program_counter);
        const std::vector<SourceFrame>& frames = kernel_.frames_at(pc);
        const std::string& here = frames.empty() ? function : frames.back().function;
        const bool enters = here != function || recording.steps.size() == 1;
        if (system_may_differ || enters) {
            system = system_registers();
            add_moment(recording, system);
        }
        note_changes(recording, system);
        if (privilege_ == 0) {
            return;
        }
        if (enters) {
            function = here;
            note_thread(recording, function);
        }
        const std::string& text = instruction_at(pc).text;
        if (!take_step(recording, text)) {
            return;
        }
        system_may_differ = is_system(text);
    }
}

void Recorder::finish(Recording& recording) {
    recording.result = core(registers_.result);
    const std::uint64_t behind = recording.steps.front().program_counter + (isa_ == Isa::x86_64 ? 2U : 4U);
    if (recording.ending == Ending::returned && core(view_.program_counter) != behind) {
        recording.ending = Ending::elsewhere;
    }
    const auto frame = kernel_map_.thread.frames.find(isa_);
    if (frame != kernel_map_.thread.frames.end() && recording.thread_changes.empty()
        && recording.ending == Ending::elsewhere) {
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
    recording.went_on_elsewhere = recording.ending != Ending::returned;
    if (at_end && recording.ending != Ending::machine_ended) {
        at_end(recording);
    }
}

Recording Recorder::record(const CallWanted& wanted) {
    using Mode = GdbConnection::StepMode;
    registers_ = wanted.registers;
    if (registers_.number.empty()) {
        registers_.number = view_.number;
    }
    if (registers_.result.empty()) {
        registers_.result = view_.result;
    }
    if (registers_.arguments.empty()) {
        registers_.arguments.assign(view_.arguments.begin(), view_.arguments.end());
    }
    stub_.set_step_mode(wanted.let_interrupts_in ? Mode::interrupts : Mode::nothing);
    run_to_call(wanted);
    Recording recording{.isa = isa_, .call = wanted.name, .number = wanted.number};
    recording.kernel = kernel_map_.kernel;
    recording.arguments.resize(std::min<std::size_t>(wanted.argument_count, registers_.arguments.size()));
    recording.register_names.assign(view_.general.begin(), view_.general.end());
    for (const ShownRegister& shown : view_.system) {
        recording.register_names.emplace_back(shown.name);
    }
    add_trap_instruction(recording, wanted.program);
    if (at_call) {
        at_call(recording);
    }
    follow(recording);
    finish(recording);
    return recording;
}

} // namespace host::walk
