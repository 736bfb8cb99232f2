// Arm PrimeCell UART PL011. DDI 0183. The baud rate is left as the firmware set it.

#include "device/pl011.hpp"

#include "device/fdt_driver.hpp"
#include "device/interrupt_controller.hpp"
#include "device/registers.hpp"
#include "device/transmit_ring.hpp"
#include "device/uart.hpp"
#include "lib/log_sink.hpp"
#include "lib/spinlock.hpp"
#include "memory/kernel_map.hpp"

namespace device {
namespace {

enum Register : std::size_t {
    data = 0x00,
    flags = 0x18,
    line_control = 0x2c,
    control = 0x30,
    interrupt_mask = 0x38,
    interrupt_clear = 0x44,
};

constexpr std::uint32_t flag_receive_empty = 1u << 4;
constexpr std::uint32_t flag_transmit_full = 1u << 5;
constexpr std::uint32_t line_fifo_8_bits = 0x70;               // FEN, WLEN
constexpr std::uint32_t control_on = 0x301;                    // UARTEN, TXE, RXE
constexpr std::uint32_t interrupt_receive = 1u << 4 | 1u << 6; // receive, receive time-out
constexpr std::uint32_t interrupt_transmit = 1u << 5;
constexpr std::uint32_t interrupt_all = 0x7ff;

void send_polled(Registers registers, std::string_view text) {
    for (char c : text) {
        while (registers.read32(flags) & flag_transmit_full)
            arch::spin_hint();
        registers.write32(data, static_cast<unsigned char>(c));
    }
}

class Pl011 final : public Uart {
public:
    Result<> start(const FdtNode& node);

    std::size_t write(std::span<const char> bytes) override;
    void set_listener(Listener* listener) override;
    void write_polled(std::string_view text) override { send_polled(registers_, text); }

private:
    void handle_interrupt();
    void receive();
    void transmit() REQUIRES(lock_);
    void set_mask() REQUIRES(lock_);

    Registers registers_;
    bool started_ = false;
    Spinlock lock_;
    TransmitRing ring_ GUARDED_BY(lock_);
    Listener* listener_ GUARDED_BY(lock_) = nullptr;
};

Result<> Pl011::start(const FdtNode& node) {
    if (started_)
        return fail(Error::busy); // the machine's second UART
    const FdtNode::Region region = TRY(node.reg());
    registers_ = Registers(TRY(memory::map_device(region.start, region.size)));
    registers_.write32(interrupt_mask, 0);
    registers_.write32(interrupt_clear, interrupt_all);
    registers_.write32(line_control, line_fifo_8_bits);
    registers_.write32(control, control_on);
    started_ = true;
    set_console_uart(*this);
    const InterruptSpecifier specifier = TRY(node.interrupt());
    const InterruptLine line = TRY(interrupt_controller().decode(specifier.span()));
    return attach_interrupt(
        line.irq, line.trigger, {[](void* self, Irq) { static_cast<Pl011*>(self)->handle_interrupt(); }, this});
}

std::size_t Pl011::write(std::span<const char> bytes) {
    SpinlockGuard guard(lock_);
    std::size_t taken = 0;
    // Again whenever the FIFO took the whole ring: an empty ring has no interrupt that would tell of the room.
    do {
        taken += ring_.put(bytes.subspan(taken));
        transmit();
    } while (taken < bytes.size() && ring_.empty());
    return taken;
}

void Pl011::set_listener(Listener* listener) {
    {
        SpinlockGuard guard(lock_);
        listener_ = listener;
        set_mask();
    }
    InterruptGuard guard;
    receive();
}

void Pl011::handle_interrupt() {
    receive();
    Listener* told = nullptr;
    {
        SpinlockGuard guard(lock_);
        transmit();
        if (ring_.take_room_notice())
            told = listener_;
    }
    if (told)
        told->output_ready();
}

void Pl011::receive() {
    std::array<char, 64> bytes;
    for (;;) {
        Listener* listener;
        std::size_t count = 0;
        {
            SpinlockGuard guard(lock_);
            listener = listener_;
            registers_.write32(interrupt_clear, interrupt_receive);
            while (count < bytes.size() && !(registers_.read32(flags) & flag_receive_empty))
                bytes[count++] =
                    static_cast<char>(registers_.read32(data)); // error bits above the byte: taken as it is
        }
        if (count == 0)
            return;
        if (listener)
            listener->receive({bytes.data(), count});
    }
}

void Pl011::transmit() {
    while (!ring_.empty() && !(registers_.read32(flags) & flag_transmit_full))
        registers_.write32(data, static_cast<unsigned char>(ring_.take()));
    set_mask();
}

void Pl011::set_mask() {
    registers_.write32(interrupt_mask, (listener_ ? interrupt_receive : 0) | (ring_.empty() ? 0 : interrupt_transmit));
}

constinit Pl011 uart;
constinit Registers panic_registers;

constexpr const char* compatible_name = "arm,pl011";

[[gnu::section("fdt_drivers"), gnu::used, gnu::retain]] constinit const FdtDriver driver{
    compatible_name, Phase::device, [](const FdtNode& node) { return uart.start(node); }};

} // namespace

std::optional<FdtNode::Region> pl011::find(const Fdt& tree) {
    const auto node = tree.find_compatible(compatible_name);
    const auto region = node ? node->reg() : fail(Error::not_found);
    return region ? std::optional(*region) : std::nullopt;
}

void pl011::start_panic_output(volatile void* registers) {
    panic_registers = Registers(registers);
    panic_registers.write32(control, control_on);
    klog::set_panic_sink([](std::string_view text) { send_polled(panic_registers, text); });
}

} // namespace device
