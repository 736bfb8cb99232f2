#pragma once
// A client of the GDB remote serial protocol (GDB manual, appendix E), as far as walking needs it: stop and step one
// CPU, read its registers and memory, set breakpoints. QEMU's stub at the other end.

#include "descriptor.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace host::walk {

/// One end of a stub's byte stream. Every call throws Failure(125) when the stub answers with nonsense or is gone.
class GdbConnection {
public:
    /// Takes over a connected socket and agrees on the protocol's options. The target is stopped.
    explicit GdbConnection(Descriptor socket);

    /// The description of the target's registers: every file that target.xml includes, in order.
    [[nodiscard]] std::vector<std::string> register_descriptions();

    /// All core registers, in the stub's order and layout.
    [[nodiscard]] std::vector<std::uint8_t> core_registers();
    /// One register by the stub's number; nothing when it cannot be read.
    [[nodiscard]] std::optional<std::uint64_t> register_value(unsigned number);
    /// Several in one exchange.
    [[nodiscard]] std::vector<std::optional<std::uint64_t>> register_values(std::span<const unsigned> numbers);
    /// Bytes at a virtual address as the CPU sees it now; fewer than asked for where nothing is mapped.
    [[nodiscard]] std::vector<std::uint8_t> memory(std::uint64_t address, std::size_t bytes);

    /// Whether the other end is gone.
    [[nodiscard]] bool is_closed() const { return closed_; }

    /// Hardware breakpoints hold across changes of the page tables.
    void insert_breakpoint(std::uint64_t address);
    void remove_breakpoint(std::uint64_t address);

    /// Why the target does not run.
    enum class Stop : std::uint8_t { stopped, timed_out, ended };

    /// What a step lets happen besides its instruction.
    enum class StepMode : std::uint8_t {
        interrupts = 5, ///< timers stand still
        nothing = 7,    ///< interrupts are masked too
    };
    void set_step_mode(StepMode mode);
    /// Returns stopped, or ended when that instruction ended the machine.
    Stop step();
    /// Runs until a breakpoint; when `seconds` pass first, the target is stopped by force.
    Stop resume(double seconds);

private:
    std::string request(std::string_view packet);
    void send(std::string_view packet);
    std::string receive(double seconds);
    /// Waits for bytes; false when the time is over or the stub is gone.
    bool fill(double seconds);

    Descriptor socket_;
    std::string buffer_;
    bool acknowledges_ = true;
    bool closed_ = false;
};

/// Hexadecimal digits, two a byte, as the protocol writes bytes. Stops at the first that is none.
std::vector<std::uint8_t> bytes_of_hex(std::string_view digits);
/// Little-endian, up to 8 bytes.
std::uint64_t little_endian(const std::uint8_t* bytes, std::size_t count);

} // namespace host::walk
