#include "walk/user_trap.hpp"

#include "failure.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace host::walk {

namespace {

// Exception classes, ESR_EL1.EC
constexpr std::uint64_t aarch64_svc = 0x15, aarch64_fpu_unavailable = 0x07;
// Offsets of the vectors for traps from a lower level in AArch64
constexpr std::uint64_t aarch64_synchronous = 0x400, aarch64_interrupt = 0x480, aarch64_vectors_bytes = 0x800,
                        aarch64_slot_bytes = 0x80;
constexpr std::uint64_t riscv_user_call = 8, riscv_illegal_instruction = 2;
constexpr std::uint64_t riscv_interrupt = std::uint64_t{1} << 63;
constexpr std::uint64_t riscv_previous_supervisor = 1 << 8, riscv_fpu_state = 3 << 13; // sstatus.SPP, FS
constexpr std::uint64_t page_bytes = 4096;
constexpr std::size_t most_steps = 2'000'000; // until user mode

bool waits(std::string_view text) {
    return text == "wfi" || text == "hlt" || text == "wfe";
}

std::string aarch64_words(std::uint64_t syndrome) {
    const auto abort = [&](const char* access) {
        static constexpr std::array faults{
            "address size fault", "translation fault", "access flag fault", "permission fault"};
        const std::uint64_t status = syndrome & 0x3f;
        return fmt::format("{}, {}", access, status < 16 ? faults.at(status >> 2) : "external abort or alignment");
    };
    switch (syndrome >> 26) {
    case 0x20:
        return abort("instruction abort");
    case 0x24:
        return abort(syndrome >> 6 & 1 ? "data abort on a write" : "data abort on a read");
    case 0x22:
        return "PC alignment";
    case 0x26:
        return "SP alignment";
    case 0x2c:
        return "floating-point exception";
    case 0x3c:
        return "BRK";
    case 0x18:
        return "trapped system register";
    default:
        return "undefined instruction or another exception";
    }
}

std::string riscv_words(std::uint64_t cause) {
    static constexpr std::array exceptions{
        "instruction address misaligned",
        "instruction access fault",
        "illegal instruction",
        "breakpoint",
        "load address misaligned",
        "load access fault",
        "store address misaligned",
        "store access fault",
        "environment call",
        "environment call",
        "reserved",
        "environment call",
        "instruction page fault",
        "load page fault",
        "reserved",
        "store page fault"};
    if ((cause & riscv_interrupt) != 0) {
        const std::uint64_t number = cause & ~riscv_interrupt;
        return number == 1 ? "software interrupt" : number == 5 ? "timer interrupt" : "external interrupt";
    }
    return cause < exceptions.size() ? exceptions.at(cause) : "reserved";
}

std::string x86_words(std::uint64_t vector) {
    static constexpr std::array exceptions{
        "divide error",
        "debug",
        "NMI",
        "breakpoint",
        "overflow",
        "bound range",
        "invalid opcode",
        "device not available",
        "double fault",
        "coprocessor",
        "invalid TSS",
        "segment not present",
        "stack-segment fault",
        "general protection",
        "page fault",
        "reserved",
        "x87 error",
        "alignment check",
        "machine check",
        "SIMD exception"};
    return vector < exceptions.size() ? exceptions.at(vector) : "interrupt";
}

} // namespace

std::uint64_t cause_code(Isa isa, const UserTrap& trap) {
    return isa == Isa::aarch64 ? trap.cause >> 26 : trap.cause & ~riscv_interrupt;
}

std::string words_of_cause(Isa isa, const UserTrap& trap) {
    switch (isa) {
    case Isa::aarch64:
        return trap.kind == TrapKind::interrupt ? "IRQ"
                                                : fmt::format("{} ({:#x})", aarch64_words(trap.cause), trap.cause);
    case Isa::riscv64:
        return fmt::format("{} ({:#x})", riscv_words(trap.cause), trap.cause);
    case Isa::x86_64:
        break;
    }
    return fmt::format("{} (vector {})", x86_words(trap.cause), trap.cause);
}

TrapEntries::TrapEntries(
    StoppedCpu& cpu, Symbols& kernel, const KernelMap& map, TrapKind kind, std::optional<std::uint64_t> cause)
    : cpu_(cpu), kernel_(kernel), map_(map), kind_(kind), cause_(cause),
      learnt_(cpu.isa() == Isa::x86_64 || std::ranges::none_of(map.trampolines, [](const Trampoline& one) {
                  return one.address == 0;
              })) {
    std::string names;
    for (const EntryPoint& entry : map.entries) {
        if ((entry.isa && *entry.isa != cpu.isa()) || !std::ranges::contains(entry.kinds, kind)) {
            continue;
        }
        names += (names.empty() ? "" : ", ") + entry.symbol;
        if (const auto address = kernel.address_of(entry.symbol)) {
            add(entry, *address + entry.offset);
        }
    }
    if (names.empty()) {
        throw Failure(own_failure, fmt::format("the map of {} names no entry for {}s", map.kernel, name_of(kind)));
    }
    if (entries_.empty()) {
        throw Failure(
            own_failure, fmt::format(
                             "the kernel has no symbol that names its entry for {}s (one of: {}); is this the map and "
                             "are these the symbols of that kernel?",
                             kind == TrapKind::call ? "system call" : name_of(kind), names));
    }
}

/// The entry's addresses, in each view of the code.
void TrapEntries::add(const EntryPoint& entry, std::uint64_t address) {
    for (unsigned i = 0; i < entry.count; i++) {
        const std::uint64_t here = address + i * entry.stride;
        const std::optional<unsigned> vector = entry.vector ? std::optional(*entry.vector + i) : std::nullopt;
        if (vector && cause_ && *cause_ != *vector) {
            continue; // others are not even stopped at
        }
        entries_[here] = {vector};
        for (const Trampoline& view : map_.trampolines) {
            const std::uint64_t into = here - kernel_.address_of(view.symbol).value_or(0);
            if (view.address != 0 && into < view.bytes) {
                entries_[view.address + into] = {vector};
            }
        }
    }
}

void TrapEntries::arm() {
    for (const auto& [address, entry] : entries_) {
        cpu_.stub().insert_breakpoint(address);
    }
}

void TrapEntries::disarm() {
    for (const auto& [address, entry] : entries_) {
        cpu_.stub().remove_breakpoint(address);
    }
}

std::optional<UserTrap> TrapEntries::arrived() {
    const std::optional<UserTrap> trap = cpu_.isa() == Isa::aarch64   ? on_aarch64()
                                         : cpu_.isa() == Isa::riscv64 ? on_riscv64()
                                                                      : on_x86_64();
    const bool fits = trap && trap->kind == kind_ && (!cause_ || cause_code(cpu_.isa(), *trap) == *cause_);
    return fits ? trap : std::nullopt;
}

TrapKind TrapEntries::kind_on_arm() const {
    // A trampoline can come to the slot's second instruction.
    return cpu_.program_counter() % aarch64_vectors_bytes / aarch64_slot_bytes == aarch64_interrupt / aarch64_slot_bytes
               ? TrapKind::interrupt
               : TrapKind::fault;
}

std::optional<UserTrap> TrapEntries::on_aarch64() {
    const std::uint64_t next = cpu_.system_register("ELR_EL1").value_or(0);
    if (kind_on_arm() == TrapKind::interrupt) {
        return UserTrap{.kind = TrapKind::interrupt, .address = next, .next = next};
    }
    const std::uint64_t syndrome = cpu_.system_register("ESR_EL1").value_or(0);
    if (syndrome >> 26 == aarch64_svc) {
        return UserTrap{.kind = TrapKind::call, .address = next - 4, .next = next, .cause = syndrome};
    }
    if (syndrome >> 26 == aarch64_fpu_unavailable) {
        return std::nullopt; // the kernel's own laziness
    }
    return UserTrap{
        .kind = TrapKind::fault,
        .address = next,
        .next = next,
        .cause = syndrome,
        .fault_address = cpu_.system_register("FAR_EL1")};
}

std::optional<UserTrap> TrapEntries::on_riscv64() {
    const std::uint64_t cause = cpu_.system_register("scause").value_or(0);
    const std::uint64_t status = cpu_.system_register("sstatus").value_or(0);
    const std::uint64_t address = cpu_.system_register("sepc").value_or(0);
    if (cause == riscv_user_call) {
        return UserTrap{.kind = TrapKind::call, .address = address, .next = address + 4, .cause = cause};
    }
    const bool is_fpu_unavailable = cause == riscv_illegal_instruction && (status & riscv_fpu_state) == 0;
    if ((status & riscv_previous_supervisor) != 0 || is_fpu_unavailable) {
        return std::nullopt;
    }
    if ((cause & riscv_interrupt) != 0) {
        return UserTrap{.kind = TrapKind::interrupt, .address = address, .next = address, .cause = cause};
    }
    return UserTrap{
        .kind = TrapKind::fault,
        .address = address,
        .next = address,
        .cause = cause,
        .fault_address = cpu_.system_register("stval")};
}

std::optional<UserTrap> TrapEntries::on_x86_64() {
    const auto entry = entries_.find(cpu_.program_counter());
    const std::optional<unsigned> vector = entry == entries_.end() ? std::nullopt : entry->second.vector;
    if (!vector) { // SYSCALL has an entry of its own, and keeps the address behind it
        const std::uint64_t next = cpu_.core("rcx");
        return UserTrap{.kind = TrapKind::call, .address = next - 2, .next = next};
    }
    // The CPU aligned the stack to 16 bytes and pushed five words, and an error code where there is one.
    const std::uint64_t stack = cpu_.core("rsp");
    const std::vector<std::uint8_t> pushed = cpu_.memory(stack % 16 == 0 ? stack + 8 : stack, 16);
    if (pushed.size() != 16 || (little_endian(pushed.data() + 8, 8) & 3) != 3) {
        return std::nullopt;
    }
    const std::uint64_t address = little_endian(pushed.data(), 8);
    const bool is_fault = *vector < 32;
    UserTrap trap{
        .kind = is_fault ? TrapKind::fault : TrapKind::interrupt,
        .address = address,
        .next = address,
        .cause = *vector};
    if (*vector == 14) {
        trap.fault_address = cpu_.value("cr2");
    }
    return trap;
}

bool TrapEntries::learn_vector() {
    if (learnt_) {
        return false;
    }
    learnt_ = true;
    for (std::size_t steps = 0; cpu_.privilege() != 0; steps++) {
        if (steps > most_steps || waits(cpu_.instruction_at(cpu_.program_counter()).text)
            || cpu_.stub().step() == GdbConnection::Stop::ended) {
            return true;
        }
        cpu_.read();
    }
    const bool is_arm = cpu_.isa() == Isa::aarch64;
    const auto vector = cpu_.system_register(is_arm ? "VBAR" : "stvec");
    const std::uint64_t slot = !is_arm ? 0 : kind_ == TrapKind::interrupt ? aarch64_interrupt : aarch64_synchronous;
    const std::uint64_t entry = vector.value_or(0) + slot;
    if (!vector) {
        return true;
    }
    // The trampoline's page is another view of the code that its symbols name.
    for (const Trampoline& one : map_.trampolines) {
        if (one.address == 0 && !entries_.contains(entry)) {
            kernel_.add_view(*vector & ~(page_bytes - 1), one.bytes, one.symbol);
        }
    }
    disarm();
    entries_ = {{entry, {}}};
    arm();
    return true;
}

} // namespace host::walk
