#include "walk/stopped_cpu.hpp"

#include "failure.hpp"

#include <array>
#include <fmt/format.h>

namespace host::walk {

namespace {

constexpr unsigned most_tries = 1000; // steps that execute nothing

} // namespace

StoppedCpu::StoppedCpu(Isa isa, GdbConnection& stub)
    : isa_(isa), view_(view_of(isa)), stub_(stub), map_(stub.register_descriptions()), disassembler_(view_) {
    require_registers();
}

void StoppedCpu::require_registers() const {
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

void StoppedCpu::read() {
    core_ = stub_.core_registers();
    auto mode = value(view_.mode_register);
    if (!mode) {
        mode = system_register(view_.mode_register);
    }
    privilege_ = view_.privilege(mode.value_or(0));
}

std::optional<std::uint64_t> StoppedCpu::system_register(std::string_view stub_name) {
    const RegisterPlace* place = map_.find(stub_name);
    return place == nullptr ? std::nullopt : stub_.register_value(place->number);
}

RegisterValues StoppedCpu::system_registers() {
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

const Instruction& StoppedCpu::instruction_at(std::uint64_t address) {
    const auto [at, is_new] = instructions_.try_emplace(address);
    if (is_new) {
        at->second = user_instruction_at(address);
    }
    return at->second;
}

Instruction StoppedCpu::user_instruction_at(std::uint64_t address) {
    return disassembler_.at(address, memory(address, view_.largest_instruction));
}

/// False when the machine has ended: the stub may still answer the step that did it.
bool StoppedCpu::step_and_read() {
    try {
        if (stub_.step() == GdbConnection::Stop::ended) {
            return false;
        }
        read();
        return true;
    } catch (const Failure&) {
        if (stub_.is_closed()) {
            return false;
        }
        throw;
    }
}

bool StoppedCpu::execute_instruction() {
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
    throw Failure(own_failure, fmt::format("the CPU does not leave {:#x}", program_counter()));
}

} // namespace host::walk
