#pragma once
// The 16550 UART, both directions by interrupt. One driver for every machine: RegisterAccess says how a register is
// reached (registers.hpp has the memory-mapped way; x86_64 brings I/O ports).

#include "device/interrupt_controller.hpp"
#include "device/ns16550/registers.hpp"
#include "device/transmit_ring.hpp"
#include "device/uart.hpp"
#include "lib/spinlock.hpp"

#include <array>
#include <optional>

namespace device::ns16550 {

template <RegisterAccess Access>
class Ns16550 final : public Uart {
public:
    /// Puts the chip into FIFO mode, 8 data bits, interrupts off. The speed stays what the firmware set.
    explicit Ns16550(Access access) : access_(access) {
        access_.write(interrupt_enable, 0);
        access_.write(line_control, eight_bits);
        access_.write(fifo_control, fifo_on | fifo_clear | fifo_trigger_8);
        access_.write(modem_control, terminal_ready | request_to_send | out2);
    }

    /// Starts to listen to the interrupt line. Errors: as attach_interrupt().
    Result<> start(InterruptLine line) {
        return attach_interrupt(
            line.irq, line.trigger, {[](void* self, Irq) { static_cast<Ns16550*>(self)->interrupt(); }, this});
    }

    std::size_t write(std::span<const char> bytes) override {
        SpinlockGuard guard(lock_);
        std::size_t taken = 0;
        do { // again when all of it went out at once: then no interrupt would tell of the room
            taken += ring_.put(bytes.subspan(taken));
            transmit();
        } while (taken < bytes.size() && ring_.empty());
        return taken;
    }

    void set_listener(Listener* listener) override {
        {
            SpinlockGuard guard(lock_);
            listener_ = listener;
            update_interrupts();
        }
        if (listener) {
            InterruptGuard off;
            serve(); // what came before
        }
    }

    void write_polled(std::string_view text) override {
        for (char character : text) {
            if (character == '\n')
                send_polled('\r');
            send_polled(character);
        }
    }

private:
    /// A FIFO's worth as often as the transmitter is empty: QEMU's is at once, so that nothing waits here for an
    /// interrupt that a machine about to go off would not take.
    void transmit() REQUIRES(lock_) {
        while (!ring_.empty() && (access_.read(line_status) & transmit_empty))
            for (std::size_t i = 0; i < fifo_size && !ring_.empty(); ++i)
                access_.write(transmit_holding, static_cast<std::uint8_t>(ring_.take()));
        update_interrupts();
    }

    /// The transmit interrupt is on only while there is something to send: it fires as long as the FIFO is empty.
    void update_interrupts() REQUIRES(lock_) {
        auto wanted =
            static_cast<std::uint8_t>((listener_ ? enable_receive : 0) | (ring_.empty() ? 0 : enable_transmit));
        if (wanted != enabled_)
            access_.write(interrupt_enable, enabled_ = wanted);
    }

    /// Until the chip asks for nothing any more, so that an edge-triggered line gets its next edge.
    void interrupt() {
        do
            serve();
        while (!(access_.read(interrupt_identification) & none_pending));
    }

    void serve() {
        bool ready = false;
        Listener* listener = nullptr;
        {
            SpinlockGuard guard(lock_);
            transmit();
            listener = listener_;
            ready = ring_.take_room_notice();
        }
        receive_all(listener);
        if (ready && listener)
            listener->output_ready();
    }

    void receive_all(Listener* listener) {
        for (;;) {
            std::array<char, 64> bytes;
            std::size_t count = 0;
            {
                SpinlockGuard guard(lock_);
                while (count < bytes.size() && (access_.read(line_status) & data_ready))
                    bytes[count++] = static_cast<char>(access_.read(receive_buffer));
            }
            if (count == 0)
                return;
            if (listener)
                listener->receive({bytes.data(), count});
        }
    }

    void send_polled(char character) {
        while (!(access_.read(line_status) & transmit_empty))
            arch::spin_hint();
        access_.write(transmit_holding, static_cast<std::uint8_t>(character));
    }

    const Access access_;
    Spinlock lock_; // also makes reads of the chip's FIFO exclusive
    TransmitRing ring_ GUARDED_BY(lock_);
    std::uint8_t enabled_ GUARDED_BY(lock_) = 0;
    Listener* listener_ GUARDED_BY(lock_) = nullptr;
};

} // namespace device::ns16550
