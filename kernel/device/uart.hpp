#pragma once
// Serial lines. The console's line discipline (file/) stands on this; the drivers are pl011 and ns16550.

#include <cstddef>
#include <span>
#include <string_view>

namespace device {

class Uart {
public:
    /// Takes what fits into the transmit ring and starts sending; returns how many bytes were taken. Never blocks. Any
    /// context.
    virtual std::size_t write(std::span<const char> bytes) = 0;

    /// Told of bytes that came in and of room in the transmit ring. Called with interrupts off and no lock of the
    /// driver held.
    struct Listener {
        virtual void receive(std::span<const char> bytes) = 0;
        /// The transmit ring has become at least half empty after a write() that did not take all.
        virtual void output_ready() = 0;

    protected:
        ~Listener() = default;
    };
    /// Sets who listens and lets the receive interrupt in; null: input is thrown away. Bytes that came before are
    /// delivered at once.
    virtual void set_listener(Listener* listener) = 0;

    /// Sends by polling, past the ring and every lock. For panics and for the log before there is anything better.
    virtual void write_polled(std::string_view text) = 0;

protected:
    ~Uart() = default;
};

/// The machine's console, null until a driver found it. Set once at boot; the log and panics go there from then on.
Uart* console_uart();
void set_console_uart(Uart& uart);

} // namespace device
