#pragma once
// A trap out of user mode, seen from the kernel's first instruction: a system call, an interrupt or a fault.

#include "walk/kernel_map.hpp"
#include "walk/recording.hpp"
#include "walk/stopped_cpu.hpp"
#include "walk/symbols.hpp"

#include <map>
#include <optional>
#include <string>

namespace host::walk {

struct UserTrap {
    TrapKind kind = TrapKind::call;
    std::uint64_t address =
        0;                  ///< the trap instruction; the one that faulted; the one in front of which an interrupt came
    std::uint64_t next = 0; ///< where user mode goes on when nothing else happens
    std::uint64_t cause = 0;                      ///< ESR_EL1, scause, or x86's vector number
    std::optional<std::uint64_t> fault_address{}; ///< what was accessed; nothing for a call or an interrupt
};

/// The cause by its short number: the exception class in ESR_EL1, scause's code without the interrupt's bit, x86's
/// vector.
std::uint64_t cause_code(Isa isa, const UserTrap& trap);

/// "data abort, translation fault (0x92000006)": the cause in the manual's words. Arm ARM D19.2.37, RISC-V privileged
/// ISA 4.1.8, SDM volume 3 table 6-1.
std::string words_of_cause(Isa isa, const UserTrap& trap);

/// The kernel's entries for one kind of trap, and what arrives there.
class TrapEntries {
public:
    /// `cause`: only traps with that cause_code() count. Throws Failure(125) when the kernel has no symbol that the map
    /// names for that kind.
    TrapEntries(
        StoppedCpu& cpu, Symbols& kernel, const KernelMap& map, TrapKind kind,
        std::optional<std::uint64_t> cause = std::nullopt);

    /// Sets and takes away the breakpoints.
    void arm();
    void disarm();
    /// At an entry: the trap, when it is one of the kind and came from user mode.
    [[nodiscard]] std::optional<UserTrap> arrived();
    /// At an entry, the first time: goes on to user mode and looks where the next trap will enter. A trampoline's own
    /// vector can be in force there, which no symbol tells. Does nothing where the map names no such trampoline; true
    /// when the CPU has moved.
    bool learn_vector();

private:
    /// What the map says of the address at which the CPU stands.
    struct Entry {
        std::optional<unsigned> vector; ///< x86's number
    };

    void add(const EntryPoint& entry, std::uint64_t address);
    [[nodiscard]] TrapKind kind_on_arm() const;
    [[nodiscard]] std::optional<UserTrap> on_aarch64();
    [[nodiscard]] std::optional<UserTrap> on_riscv64();
    [[nodiscard]] std::optional<UserTrap> on_x86_64();

    StoppedCpu& cpu_;
    Symbols& kernel_;
    const KernelMap& map_;
    TrapKind kind_;
    std::optional<std::uint64_t> cause_;
    bool learnt_;
    std::map<std::uint64_t, Entry> entries_;
};

} // namespace host::walk
