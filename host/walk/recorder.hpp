#pragma once
// Steps through one trap, from the instruction that caused it to the first one in user mode behind it.

#include "walk/call_names.hpp"
#include "walk/kernel_map.hpp"
#include "walk/recording.hpp"
#include "walk/search.hpp"
#include "walk/stopped_cpu.hpp"
#include "walk/symbols.hpp"

#include <functional>

namespace host::walk {

/// What to record.
struct WalkWanted {
    TrapWanted trap;
    unsigned argument_count = 6;
    CallRegisters registers{}; ///< empty: Linux's
    bool let_interrupts_in = false;
};

/// Runs a stopped machine to a trap and steps through it.
class Recorder {
public:
    Recorder(Isa isa, GdbConnection& stub, Symbols& kernel, const KernelMap& map);

    /// Throws Failure(124) when the trap did not come in time or before the machine's end (the message says which calls
    /// came), Failure(125) when the walk does not end.
    Recording record(WalkWanted wanted);
    /// User or kernel memory as the CPU sees it now; fewer bytes than asked for where nothing is mapped.
    [[nodiscard]] std::vector<std::uint8_t> memory(std::uint64_t address, std::size_t bytes) {
        return cpu_.memory(address, bytes);
    }
    /// What to do when the walk stands at the trap, before its first kernel instruction, and when it is over.
    using Moment = std::function<void(Recording&)>;
    Moment at_trap, at_end;

private:
    void complete_registers(WalkWanted& wanted) const;
    Recording walk(const UserTrap& trap, const WalkWanted& wanted);
    [[nodiscard]] bool passes(const Recording& recording, const std::string& function);
    void add_trap(Recording& recording, const UserTrap& trap, const WalkWanted& wanted);
    void follow(Recording& recording);
    bool take_step(Recording& recording, const std::string& text);
    void note_changes(Recording& recording, const RegisterValues& system);
    void add_moment(Recording& recording, const RegisterValues& system);
    void note_thread(Recording& recording, const std::string& function);
    void note_final_frame(Recording& recording) const;
    void finish(Recording& recording, const UserTrap& trap);

    StoppedCpu cpu_;
    Symbols& kernel_;
    const KernelMap& map_;
    CallRegisters registers_;
    std::optional<std::uint64_t> thread_, stack_;
    bool in_switch_ = false;
    std::vector<std::optional<std::uint64_t>> last_; ///< the registers of Recording::register_names
};

} // namespace host::walk
