#pragma once
// What a walk saw: every instruction from the trap instruction to the first one in user mode behind it.

#include "isa.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace host::walk {

/// What takes a CPU from user mode into the kernel.
enum class TrapKind : std::uint8_t {
    call,      ///< a trap instruction
    interrupt, ///< from a device, a timer or another CPU
    fault,     ///< an instruction that the CPU could not carry out, but for one that the kernel keeps the FPU from
};

/// "call", "interrupt", "fault": as --event and the station maps have them.
std::string_view name_of(TrapKind kind);
std::optional<TrapKind> trap_kind_named(std::string_view name);

/// A register that an instruction changed: an index into Recording::register_names, and the new value.
struct RegisterChange {
    std::uint16_t name = 0;
    std::uint64_t value = 0;
};

struct Step {
    std::uint64_t program_counter = 0;
    unsigned privilege = 0; ///< IsaView::privilege: 0 is user mode
    std::string instruction;
    std::vector<RegisterChange> changes{}; ///< what it did to the general and system registers
};

/// The registers at one moment, by their shown names.
using RegisterValues = std::map<std::string, std::uint64_t>;

/// One argument of the call, as the kernel's own table has it.
struct Argument {
    std::string name; ///< of the handler's parameter; may be empty
    std::string type; ///< abi::ArgumentKind in words: "descriptor", "string", ...
    std::uint64_t value = 0;
    std::string text; ///< decoded: "AT_FDCWD", "\"/etc/passwd\""
};

/// How a walk ended.
enum class Ending : std::uint8_t {
    returned,      ///< user mode went on behind the trap instruction
    elsewhere,     ///< user mode went on at another place: a signal, exec, another thread
    idle,          ///< nothing was left to run: the CPU waits for an interrupt
    machine_ended, ///< the call ended the machine
};

/// Here the kernel went over to another thread.
struct ThreadChange {
    std::size_t step = 0;           ///< the first instruction of the other thread
    std::uint64_t from = 0, to = 0; ///< what tells the two apart: a control block's address, or a stack pointer
};

struct Recording {
    Isa isa = Isa::aarch64;
    TrapKind trap = TrapKind::call;
    std::string call;        ///< name; of another trap its kind
    std::int64_t number = 0; ///< as the register had it, sign-extended from 32 bits
    std::vector<std::uint64_t> arguments{};
    std::uint64_t result = 0;
    bool went_on_elsewhere =
        false; ///< user mode did not go on behind the trap instruction: a signal, exec, another thread

    /// Step 0 is the trap instruction in user mode (the one that faulted, or the one that the interrupt came in front
    /// of); all others are the kernel's (or firmware's).
    std::vector<Step> steps{};
    /// General and system registers before a step; not for every step: where a function was entered, after each
    /// instruction that changed a system register, and at the end.
    std::map<std::size_t, RegisterValues> registers{};

    std::string kernel{};               ///< "Tetrapylon", "Linux arm64", ...
    std::string stub{};                 ///< the user program's function around the trap instruction; may be empty
    std::vector<Argument> decoded{};    ///< the arguments by name and type, or a fault's cause; may be empty
    std::string result_text{};          ///< the result in words ("ENOENT: No such file or directory"); may be empty
    std::vector<std::string> message{}; ///< a capability call's message in words, a line each
    Ending ending = Ending::returned;
    std::vector<ThreadChange> thread_changes{};
    std::vector<std::string> register_names{}; ///< the general registers, then the system registers

    /// Kernel instructions: step 0 is not counted.
    [[nodiscard]] std::size_t instructions() const { return steps.size() - 1; }
};

} // namespace host::walk
