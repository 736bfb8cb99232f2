#include "walk/recorder.hpp"

#include "failure.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>

namespace host::walk {

namespace {

/// Where a system call from user mode enters our kernel: the first instruction behind the trap instruction.
struct EntryPoint {
    std::string_view symbol;
    std::uint64_t offset;
};
constexpr std::array<EntryPoint, 2> aarch64_entries{{{"vectors", 0x400}, {"trampoline_vectors", 0x400}}};
constexpr std::array<EntryPoint, 3> riscv64_entries{{{"trap_entry", 0}, {"uservec", 0}, {"uservec_flushing", 0}}};
constexpr std::array<EntryPoint, 2> x86_64_entries{{{"entry_SYSCALL_64", 0}, {"entry_SYSCALL_64_trampoline", 0}}};

std::span<const EntryPoint> entries_of(Isa isa) {
    switch (isa) {
    case Isa::aarch64:
        return aarch64_entries;
    case Isa::riscv64:
        return riscv64_entries;
    case Isa::x86_64:
        break;
    }
    return x86_64_entries;
}

/// Length of the trap instruction, whose successor the CPU kept as the return address (x86: behind it; the others:
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

} // namespace

Recorder::Recorder(Isa isa, GdbConnection& stub, Symbols& kernel)
    : isa_(isa), view_(view_of(isa)), stub_(stub), kernel_(kernel), map_(stub.register_descriptions()),
      disassembler_(view_) {}

std::uint64_t Recorder::core(std::string_view name) const {
    return map_.value(core_, name).value_or(0);
}

unsigned Recorder::privilege() {
    if (const auto value = map_.value(core_, view_.mode_register)) {
        return view_.privilege(*value);
    }
    const RegisterPlace* place = map_.find(view_.mode_register);
    return view_.privilege(place == nullptr ? 0 : stub_.register_value(place->number).value_or(0));
}

std::uint64_t Recorder::user_program_counter() {
    if (isa_ == Isa::x86_64) {
        return core("rcx"); // SYSCALL keeps it there
    }
    const RegisterPlace* place = map_.find(isa_ == Isa::aarch64 ? "ELR_EL1" : "sepc");
    return place == nullptr ? 0 : stub_.register_value(place->number).value_or(0);
}

std::vector<std::uint64_t> Recorder::entry_addresses() const {
    std::vector<std::uint64_t> addresses;
    for (const EntryPoint& entry : entries_of(isa_)) {
        if (const auto address = kernel_.address_of(entry.symbol)) {
            addresses.push_back(*address + entry.offset);
        }
    }
    if (addresses.empty()) {
        throw Failure(own_failure, "the kernel has no symbol that names its system-call entry");
    }
    return addresses;
}

void Recorder::run_to_call(const CallWanted& wanted) {
    const std::vector<std::uint64_t> entries = entry_addresses();
    for (const std::uint64_t entry : entries) {
        stub_.insert_breakpoint(entry);
    }
    std::set<std::uint64_t> seen;
    for (unsigned met = 0;;) {
        if (!stub_.resume(wanted.timeout)) {
            std::string others;
            for (const std::uint64_t number : seen) {
                others += fmt::format(" {}", number);
            }
            throw Failure(
                timed_out, fmt::format(
                               "{} (call {}) did not come within {} s or before the end; calls seen:{}", wanted.name,
                               wanted.number, wanted.timeout, others.empty() ? " none" : others));
        }
        core_ = stub_.core_registers();
        const std::uint64_t number = core(view_.number) & 0xffffffff;
        seen.insert(number);
        if (number == wanted.number && ++met == wanted.nth) {
            break;
        }
        stub_.step(); // off the breakpoint
    }
    for (const std::uint64_t entry : entries) {
        stub_.remove_breakpoint(entry);
    }
}

const std::string& Recorder::instruction_at(std::uint64_t address) {
    const auto [at, is_new] = instructions_.try_emplace(address);
    if (is_new) {
        at->second = disassembler_.at(address, stub_.memory(address, view_.largest_instruction)).text;
    }
    return at->second;
}

void Recorder::add_trap_instruction(Recording& recording) {
    const std::uint64_t address = trap_address(isa_, user_program_counter());
    recording.steps.push_back({address, 0, instruction_at(address)});
    for (unsigned i = 0; i < recording.arguments.size(); i++) {
        recording.arguments[i] = core(view_.arguments[i]);
    }
}

void Recorder::add_registers(Recording& recording) {
    RegisterValues& values = recording.registers[recording.steps.size()];
    for (const std::string_view name : view_.general) {
        if (const auto value = map_.value(core_, name)) {
            values.emplace(name, *value);
        }
    }
    for (const ShownRegister& shown : view_.system) {
        const RegisterPlace* place = map_.find(shown.stub_name);
        if (place == nullptr) {
            continue;
        }
        if (const auto value = stub_.register_value(place->number)) {
            values.emplace(shown.name, *value);
        }
    }
}

void Recorder::add_step(Recording& recording, std::uint64_t pc, unsigned level) {
    recording.steps.push_back({pc, level, instruction_at(pc)});
}

Recording Recorder::record(const CallWanted& wanted) {
    using Mode = GdbConnection::StepMode;
    stub_.set_step_mode(wanted.let_interrupts_in ? Mode::interrupts : Mode::nothing);
    run_to_call(wanted);
    Recording recording{
        .isa = isa_,
        .call = wanted.name,
        .number = wanted.number,
        .arguments = std::vector<std::uint64_t>(std::min<std::size_t>(wanted.argument_count, view_.arguments.size()))};
    add_trap_instruction(recording);
    std::string function;
    for (;;) {
        const std::uint64_t pc = core(view_.program_counter);
        const unsigned level = privilege();
        if (level == 0) {
            break;
        }
        const std::vector<SourceFrame>& frames = kernel_.frames_at(pc);
        const std::string& here = frames.empty() ? function : frames.back().function;
        if (here != function || recording.steps.size() == 1) {
            add_registers(recording);
            function = here;
        }
        add_step(recording, pc, level);
        if (recording.steps.size() > most_steps) {
            throw Failure(own_failure, fmt::format("the call did not return within {} instructions", most_steps));
        }
        stub_.step();
        core_ = stub_.core_registers();
    }
    add_registers(recording);
    recording.result = core(view_.result);
    const std::uint64_t behind = recording.steps.front().program_counter + (isa_ == Isa::x86_64 ? 2U : 4U);
    recording.went_on_elsewhere = core(view_.program_counter) != behind;
    return recording;
}

} // namespace host::walk
