#pragma once

#include "walk/disassembler.hpp"
#include "walk/gdb_connection.hpp"
#include "walk/recording.hpp"
#include "walk/register_map.hpp"
#include "walk/symbols.hpp"

namespace host::walk {

struct CallWanted {
    std::string name;
    unsigned number = 0;
    unsigned argument_count = 6;
    unsigned nth = 1; ///< which of the calls with that number, from 1
    bool let_interrupts_in = false;
    double timeout = 60; ///< seconds until the call must have come
};

/// Runs a stopped machine to a call and steps through it.
class Recorder {
public:
    Recorder(Isa isa, GdbConnection& stub, Symbols& kernel);

    /// Throws Failure(124) when the call did not come in time (the message says which calls came), Failure(125) when
    /// the machine ended or the walk does not end.
    Recording record(const CallWanted& wanted);

private:
    static constexpr std::size_t most_steps = 2'000'000;

    [[nodiscard]] std::vector<std::uint64_t> entry_addresses() const;
    void run_to_call(const CallWanted& wanted);
    void add_trap_instruction(Recording& recording);
    void add_registers(Recording& recording);
    void add_step(Recording& recording, std::uint64_t pc, unsigned privilege);
    [[nodiscard]] std::uint64_t user_program_counter();
    [[nodiscard]] std::uint64_t core(std::string_view name) const;
    [[nodiscard]] unsigned privilege();
    const std::string& instruction_at(std::uint64_t address);

    Isa isa_;
    const IsaView& view_;
    GdbConnection& stub_;
    Symbols& kernel_;
    RegisterMap map_;
    Disassembler disassembler_;
    std::vector<std::uint8_t> core_;
    std::map<std::uint64_t, std::string> instructions_;
};

} // namespace host::walk
