#pragma once
// One CPU at the other end of a debugger stub: its registers, its privilege level, the instruction it stands at, a
// step.

#include "isa.hpp"
#include "walk/disassembler.hpp"
#include "walk/gdb_connection.hpp"
#include "walk/isa_view.hpp"
#include "walk/recording.hpp"
#include "walk/register_map.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

namespace host::walk {

/// The CPU of a stopped machine. Core registers are those of the last read() or step.
class StoppedCpu {
public:
    /// Throws Failure(125) when the emulator does not show what a walk needs.
    StoppedCpu(Isa isa, GdbConnection& stub);

    [[nodiscard]] Isa isa() const { return isa_; }
    [[nodiscard]] const IsaView& view() const { return view_; }
    [[nodiscard]] GdbConnection& stub() { return stub_; }

    /// Reads the core registers and the privilege level; after every resume().
    void read();
    /// Of the core registers, 0 when the stub has no such one.
    [[nodiscard]] std::uint64_t core(std::string_view name) const { return value(name).value_or(0); }
    [[nodiscard]] std::optional<std::uint64_t> value(std::string_view name) const { return map_.value(core_, name); }
    [[nodiscard]] std::uint64_t program_counter() const { return core(view_.program_counter); }
    /// IsaView::privilege; 0: user mode.
    [[nodiscard]] unsigned privilege() const { return privilege_; }
    /// By the stub's name; nothing when it does not show it.
    [[nodiscard]] std::optional<std::uint64_t> system_register(std::string_view stub_name);
    /// All that the ISA's view shows, by their shown names.
    [[nodiscard]] RegisterValues system_registers();

    /// Memory as the CPU sees it now; fewer bytes than asked for where nothing is mapped.
    [[nodiscard]] std::vector<std::uint8_t> memory(std::uint64_t address, std::size_t bytes) {
        return stub_.memory(address, bytes);
    }
    /// Kernel code, which does not change; an address is read once.
    const Instruction& instruction_at(std::uint64_t address);
    /// User code, which can be another program's the next time.
    [[nodiscard]] Instruction user_instruction_at(std::uint64_t address);

    /// Executes the instruction that it stands at, and reads. False when that ended the machine.
    bool execute_instruction();

private:
    void require_registers() const;
    bool step_and_read();

    Isa isa_;
    const IsaView& view_;
    GdbConnection& stub_;
    RegisterMap map_;
    Disassembler disassembler_;
    std::vector<std::uint8_t> core_;
    unsigned privilege_ = 0;
    std::map<std::uint64_t, Instruction> instructions_;
};

} // namespace host::walk
