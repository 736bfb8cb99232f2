#pragma once
// Registers of the 16550 family and how they are reached (PC16550D data sheet, section 8; 16550A FIFO mode).

#include "device/registers.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>

namespace device::ns16550 {

/// Register numbers; some mean different things for reading and writing.
enum Register : unsigned {
    receive_buffer = 0,   // read
    transmit_holding = 0, // write
    divisor_low = 0,      // while line_control has divisor_access
    interrupt_enable = 1,
    divisor_high = 1,
    interrupt_identification = 2, // read
    fifo_control = 2,             // write
    line_control = 3,
    modem_control = 4,
    line_status = 5,
};

enum InterruptEnable : std::uint8_t { enable_receive = 1 << 0, enable_transmit = 1 << 1 };
enum InterruptIdentification : std::uint8_t { none_pending = 1 << 0 };
enum FifoControl : std::uint8_t { fifo_on = 1 << 0, fifo_clear = 3 << 1, fifo_trigger_8 = 2 << 6 };
enum LineControl : std::uint8_t { eight_bits = 3, divisor_access = 1 << 7 };
/// out2 gates the interrupt line on PCs.
enum ModemControl : std::uint8_t { terminal_ready = 1 << 0, request_to_send = 1 << 1, out2 = 1 << 3 };
enum LineStatus : std::uint8_t { data_ready = 1 << 0, transmit_empty = 1 << 5 };

inline constexpr std::size_t fifo_size = 16;

/// How one machine reaches the registers: by memory or by I/O ports.
template <typename T>
concept RegisterAccess = requires(const T access, unsigned number, std::uint8_t value) {
    { access.read(number) } -> std::same_as<std::uint8_t>;
    { access.write(number, value) };
};

/// Registers in memory, `1 << shift` bytes apart (`reg-shift` in the device tree).
struct MemoryRegisters {
    Registers window;
    unsigned shift = 0;

    std::uint8_t read(unsigned number) const { return window.read8(std::size_t{number} << shift); }
    void write(unsigned number, std::uint8_t value) const { window.write8(std::size_t{number} << shift, value); }
};
static_assert(RegisterAccess<MemoryRegisters>);

} // namespace device::ns16550
