// The devices a machine has one of. Set at boot, before other CPUs run; only read afterwards.

#include "device/real_time_clock.hpp"
#include "device/uart.hpp"
#include "lib/log_sink.hpp"

namespace device {
namespace {

constinit Uart* uart = nullptr;
constinit RealTimeClock* clock = nullptr;

} // namespace

Uart* console_uart() {
    return uart;
}
void set_console_uart(Uart& found) {
    uart = &found;
    const klog::Sink sink = [](std::string_view text) { uart->write_polled(text); };
    klog::set_sink(sink); // until a device with a log port of its own comes
    klog::set_panic_sink(sink);
}

RealTimeClock* real_time_clock() {
    return clock;
}
void set_real_time_clock(RealTimeClock& found) {
    clock = &found;
}

} // namespace device
