#include "walk/search.hpp"

#include "failure.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace host::walk {

namespace {

using Stop = GdbConnection::Stop;

constexpr std::size_t stub_bytes = 8;      // of a user function, compared with its ELF file
constexpr unsigned most_stub_steps = 1000; // from a user function's first instruction to its trap

std::int64_t as_number(std::uint64_t value) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
}

bool equal(const std::vector<std::uint8_t>& memory, const std::string& file) {
    return memory.size() == file.size()
           && std::ranges::equal(memory, file, {}, {}, [](char c) { return static_cast<std::uint8_t>(c); });
}

} // namespace

Search::Search(StoppedCpu& cpu, Symbols& kernel, const KernelMap& map, const TrapWanted& wanted)
    : cpu_(cpu), kernel_(kernel), map_(map), wanted_(wanted),
      number_register_(wanted.number_register.empty() ? std::string(cpu.view().number) : wanted.number_register),
      entries_(cpu, kernel, map, wanted.kind, wanted.cause), deadline_(wanted.timeout) {}

void Search::resume() {
    if (const Stop stop = cpu_.stub().resume(deadline_.rest()); stop != Stop::stopped) {
        fail_missing(stop);
    }
    cpu_.read();
}

/// The function that runs once, before the first program.
void Search::pass_gate() {
    if (const auto gate = map_.gate.empty() ? std::nullopt : kernel_.address_of(map_.gate)) {
        cpu_.stub().insert_breakpoint(*gate);
        resume();
        cpu_.stub().remove_breakpoint(*gate);
    }
}

/// Lets the function run as often as it must have run before: at full speed, so that hardly any time passes for the
/// guest and its timers do not interrupt more often than usual.
void Search::pass_earlier() {
    if (wanted_.through.empty() || wanted_.nth == 1) {
        return;
    }
    const std::vector<std::uint64_t> functions = kernel_.find_functions(wanted_.through);
    if (functions.empty()) {
        throw Failure(
            own_failure, fmt::format(
                             "--through {}: the kernel has no such function, or only inlined, so that --nth cannot "
                             "count its runs",
                             wanted_.through));
    }
    for (const std::uint64_t function : functions) {
        cpu_.stub().insert_breakpoint(function);
    }
    for (; met_ + 1 < wanted_.nth; met_++) {
        resume();
        if (!cpu_.execute_instruction()) {
            fail_missing(Stop::ended);
        }
    }
    for (const std::uint64_t function : functions) {
        cpu_.stub().remove_breakpoint(function);
    }
}

UserTrap Search::next() {
    if (!std::exchange(began_, true)) {
        pass_gate();
        pass_earlier();
    }
    const bool has_stub = wanted_.program != nullptr && wanted_.kind == TrapKind::call;
    const auto stub = has_stub ? wanted_.program->address_of(wanted_.name) : std::nullopt;
    if (!stub) {
        return next_by_entry();
    }
    cpu_.stub().insert_breakpoint(*stub);
    for (;;) {
        if (const auto trap = next_by_stub(*stub)) {
            cpu_.stub().remove_breakpoint(*stub);
            return *trap;
        }
    }
}

/// By the program's own function of the call's name: the rest of the machine runs at full speed.
std::optional<UserTrap> Search::next_by_stub(std::uint64_t function) {
    resume();
    const std::string code = wanted_.program->image_bytes(function, stub_bytes);
    const bool is_program = cpu_.privilege() == 0 && equal(cpu_.memory(function, code.size()), code);
    for (unsigned steps = 0; steps == 0 || (is_program && cpu_.privilege() == 0 && steps < most_stub_steps); steps++) {
        if (cpu_.stub().step() == Stop::ended) {
            fail_missing(Stop::ended);
        }
        cpu_.read();
    }
    const std::optional<UserTrap> trap = is_program && cpu_.privilege() != 0 ? entries_.arrived() : std::nullopt;
    return trap && is_wanted(*trap) ? trap : std::nullopt;
}

/// By the kernel's entry: every trap stops the machine.
UserTrap Search::next_by_entry() {
    // Stepping takes the guest's time: behind a walk its timers are late, and interrupt before user mode goes on.
    std::optional<std::uint64_t> left_at = wanted_.kind == TrapKind::interrupt && cpu_.privilege() == 0
                                               ? std::optional(cpu_.program_counter())
                                               : std::nullopt;
    entries_.arm();
    for (;;) {
        resume();
        const std::optional<UserTrap> trap = entries_.arrived();
        if (trap && entries_.learn_vector()) {
            continue;
        }
        const bool is_late = trap && left_at == trap->address;
        left_at = is_late ? left_at : std::nullopt;
        if (trap && !is_late && is_wanted(*trap)) {
            entries_.disarm();
            return *trap;
        }
        // Off the breakpoint: one that still stands on it would meet the same trap again.
        if (!cpu_.execute_instruction()) {
            fail_missing(Stop::ended);
        }
    }
}

/// The program's ELF file has the same code around the trap's instruction as memory has.
bool Search::comes_from_program(const UserTrap& trap) {
    const std::vector<std::uint8_t> here = cpu_.memory(trap.address, stub_bytes);
    return !here.empty() && equal(here, wanted_.program->image_bytes(trap.address, here.size()));
}

bool Search::is_wanted(const UserTrap& trap) {
    if (wanted_.program != nullptr && !comes_from_program(trap)) {
        return false;
    }
    if (trap.kind == TrapKind::call) {
        const std::int64_t number = as_number(cpu_.core(number_register_));
        seen_[number]++;
        if (number != as_number(static_cast<std::uint64_t>(wanted_.number))) {
            return false;
        }
    }
    return !wanted_.through.empty() || ++met_ >= wanted_.nth;
}

void Search::fail_missing(Stop stop) const {
    std::vector<std::string> others;
    for (const auto& [number, times] : seen_) {
        const std::string name = wanted_.name_of ? wanted_.name_of(number) : std::string();
        others.push_back(fmt::format(
            "{}{}", name.empty() ? std::to_string(number) : name, times > 1 ? fmt::format(" ({} times)", times) : ""));
    }
    const bool is_call = wanted_.kind == TrapKind::call;
    const std::string which = wanted_.nth > 1 ? fmt::format(" a {}. time ({} seen)", wanted_.nth, met_) : std::string();
    const std::string what = is_call ? fmt::format("{} (call {})", wanted_.name, wanted_.number)
                                     : fmt::format("the wanted {} in user mode", name_of(wanted_.kind));
    const std::string seen =
        !is_call ? fmt::format("{} came before", met_)
                 : fmt::format("calls seen: {}", others.empty() ? "none" : fmt::format("{}", fmt::join(others, ", ")));
    throw Failure(
        timed_out, fmt::format(
                       "{} did not come{} {}; {}", what, which,
                       stop == Stop::ended ? std::string("before the machine ended")
                                           : fmt::format("within {} s (--timeout gives it longer)", wanted_.timeout),
                       seen));
}

} // namespace host::walk
