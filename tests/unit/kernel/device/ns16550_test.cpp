#include "device/ns16550/ns16550.hpp"

#include "fake/machine.hpp"

#include <deque>
#include <gtest/gtest.h>
#include <string>

namespace {

using namespace device;
using namespace device::ns16550;

/// A chip whose line takes one FIFO at a time: what is written to it stays there until drain().
struct Chip {
    std::string sent;
    std::size_t in_fifo = 0;
    std::deque<char> received;
    std::uint8_t enabled = 0;

    void drain() { in_fifo = 0; }
    bool interrupting() const {
        return ((enabled & enable_receive) && !received.empty()) || ((enabled & enable_transmit) && in_fifo == 0);
    }
};

struct ChipAccess {
    Chip* chip;

    std::uint8_t read(unsigned number) const {
        if (number == line_status)
            return static_cast<std::uint8_t>(
                (chip->received.empty() ? 0 : data_ready) | (chip->in_fifo == 0 ? transmit_empty : 0));
        if (number == interrupt_identification)
            return chip->interrupting() ? 0 : none_pending;
        if (number != receive_buffer || chip->received.empty())
            return 0;
        const char byte = chip->received.front();
        chip->received.pop_front();
        return static_cast<std::uint8_t>(byte);
    }
    void write(unsigned number, std::uint8_t value) const {
        if (number == interrupt_enable)
            chip->enabled = value;
        if (number != transmit_holding)
            return;
        EXPECT_LT(chip->in_fifo, fifo_size) << "a byte was written into a full FIFO";
        chip->sent += static_cast<char>(value);
        ++chip->in_fifo;
    }
};

class NoController final : public InterruptController {
public:
    Result<InterruptLine> decode(std::span<const std::uint32_t>) const override {
        return fail(Error::invalid_argument);
    }
    void initialise_cpu(thread::Cpu&) override {}
    Result<> enable(Irq, Trigger, thread::Cpu&) override { return {}; }
    void disable(Irq) override {}
    std::optional<Irq> acknowledge() override { return std::nullopt; }
    void complete(Irq) override {}
    void send_ipi(thread::Cpu&) override {}
};

struct Recorder final : Uart::Listener {
    std::string text;
    unsigned ready = 0;
    void receive(std::span<const char> bytes) override { text.append(bytes.begin(), bytes.end()); }
    void output_ready() override { ++ready; }
};

class Ns16550Test : public testing::Test {
protected:
    static constexpr Irq irq = 10;
    fake::Machine machine;
    NoController controller;
    Chip chip;
    Ns16550<ChipAccess> uart{ChipAccess{&chip}};
    Recorder listener;

    void SetUp() override {
        set_interrupt_controller(controller);
        ASSERT_TRUE(uart.start({irq, Trigger::level_high}));
    }
    void TearDown() override { detach_interrupt(irq); }

    /// As the line would: the chip sends what it has, then asks for more.
    void run_line() {
        for (int turn = 0; turn < 10000 && (chip.in_fifo != 0 || chip.interrupting()); ++turn) {
            chip.drain();
            if (chip.interrupting())
                dispatch_interrupt(irq);
        }
    }
};

TEST_F(Ns16550Test, SendsInOrderAFifoAtATime) {
    const std::string text = "The first sixteen bytes go at once, the others by interrupt.";
    EXPECT_EQ(uart.write(text), text.size());
    EXPECT_EQ(chip.sent, text.substr(0, fifo_size));
    run_line();
    EXPECT_EQ(chip.sent, text);
    EXPECT_FALSE(chip.enabled & enable_transmit) << "an idle transmitter would interrupt for ever";
}

TEST_F(Ns16550Test, TakesWhatFitsAndTellsWhenThereIsRoom) {
    uart.set_listener(&listener);
    const std::string text(10000, 'x');
    const std::size_t taken = uart.write(text);
    EXPECT_LT(taken, text.size());
    EXPECT_EQ(listener.ready, 0u);
    run_line();
    EXPECT_EQ(listener.ready, 1u);
    EXPECT_EQ(chip.sent.size(), taken);
}

TEST_F(Ns16550Test, DeliversWhatCameBeforeAnybodyListened) {
    chip.received = {'e', 'a', 'r', 'l', 'y'};
    uart.set_listener(&listener);
    EXPECT_EQ(listener.text, "early");
    chip.received = {'l', 'a', 't', 'e'};
    run_line();
    EXPECT_EQ(listener.text, "earlylate");
}

TEST_F(Ns16550Test, WithoutAListenerInputDoesNotInterrupt) {
    chip.received = {'x'};
    EXPECT_FALSE(chip.interrupting());
}

} // namespace
