#pragma once

#include "walk/call_names.hpp"
#include "walk/disassembler.hpp"
#include "walk/gdb_connection.hpp"
#include "walk/kernel_map.hpp"
#include "walk/recording.hpp"
#include "walk/register_map.hpp"
#include "walk/symbols.hpp"

#include <functional>
#include <set>

namespace host::walk {

struct CallWanted {
    std::string name;
    std::int64_t number = 0; ///< 32 bits of it are compared
    unsigned argument_count = 6;
    CallRegisters registers{}; ///< empty: Linux's
    unsigned nth = 1;          ///< which of the calls with that number, from 1
    bool let_interrupts_in = false;
    double timeout = 60; ///< seconds until the call must have come
    /// The user program's ELF file: only calls from its code count. Null: everybody's.
    Symbols* program = nullptr;
    /// A call's name, for messages; may be empty.
    std::function<std::string(std::int64_t)> name_of{};
};

/// Runs a stopped machine to a call and steps through it.
class Recorder {
public:
    Recorder(Isa isa, GdbConnection& stub, Symbols& kernel, const KernelMap& map);

    /// Throws Failure(124) when the call did not come in time or before the machine's end (the message says which calls
    /// came), Failure(125) when the walk does not end.
    Recording record(const CallWanted& wanted);
    /// User or kernel memory as the CPU sees it now; fewer bytes than asked for where nothing is mapped.
    [[nodiscard]] std::vector<std::uint8_t> memory(std::uint64_t address, std::size_t bytes) {
        return stub_.memory(address, bytes);
    }
    /// What to do when the walk stands at the call, before its first kernel instruction, and when it is over.
    using Moment = std::function<void(Recording&)>;
    Moment at_call, at_end;

private:
    static constexpr std::size_t most_steps = 2'000'000;

    [[nodiscard]] std::set<std::uint64_t> entry_addresses() const;
    class Deadline;
    void run_to_call(const CallWanted& wanted);
    void run_to_stub(const CallWanted& wanted, std::uint64_t function, const Deadline& deadline);
    void run_to_entry(const CallWanted& wanted, const Deadline& deadline);
    [[nodiscard]] bool is_wanted(const CallWanted& wanted);
    [[nodiscard]] bool is_system_call();
    [[nodiscard]] bool comes_from(Symbols& program);
    [[noreturn]] void fail_missing(const CallWanted& wanted, GdbConnection::Stop stop) const;
    void learn_vector(std::set<std::uint64_t>& entries);
    void require_registers() const;
    void follow(Recording& recording);
    bool step_and_read();
    bool execute_instruction();
    bool take_step(Recording& recording, const std::string& text);
    void note_changes(Recording& recording, const RegisterValues& system);
    void add_trap_instruction(Recording& recording, Symbols* program);
    void add_moment(Recording& recording, const RegisterValues& system);
    void note_thread(Recording& recording, const std::string& function);
    void finish(Recording& recording);
    /// Reads the core registers and the privilege level.
    void read_core();
    [[nodiscard]] std::optional<std::uint64_t> system_register(std::string_view stub_name);
    [[nodiscard]] RegisterValues system_registers();
    [[nodiscard]] std::uint64_t user_program_counter();
    [[nodiscard]] std::uint64_t core(std::string_view name) const;
    const Instruction& instruction_at(std::uint64_t address);

    Isa isa_;
    const IsaView& view_;
    GdbConnection& stub_;
    Symbols& kernel_;
    const KernelMap& kernel_map_;
    CallRegisters registers_;
    RegisterMap map_;
    Disassembler disassembler_;
    std::vector<std::uint8_t> core_;
    unsigned privilege_ = 0;
    std::map<std::uint64_t, Instruction> instructions_;
    std::map<std::int64_t, unsigned> seen_;
    unsigned met_ = 0;
    std::optional<std::uint64_t> thread_, stack_;
    bool in_switch_ = false;
    std::vector<std::optional<std::uint64_t>> last_; ///< the registers of Recording::register_names
};

} // namespace host::walk
