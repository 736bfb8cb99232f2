#include "lib/log.hpp"
#include "lib/log_sink.hpp"

#include <arch/boot.hpp>
#include <arch/cpu.hpp>
#include <atomic>

namespace {

constinit std::atomic<bool> panicking{false};
constinit void (*panic_reporter)(const char* message) = nullptr;

} // namespace

void set_panic_reporter(void (*reporter)(const char* message)) {
    panic_reporter = reporter;
}

void panic(const char* message) {
    arch::disable_interrupts();
    if (panicking.exchange(true))
        arch::halt(); // another CPU, or the report itself, broke as well
    klog::write_panic_unseen();
    klog::write_panic("\ntetrapylon: panic: ");
    klog::write_panic(message);
    klog::write_panic("\n");
    if (panic_reporter)
        panic_reporter(message);
    arch::power_off();
}
