// Finds the generic timer's interrupt. Binding: arm,armv8-timer (interrupts: secure, non-secure, virtual, hypervisor).

#include "device/fdt_driver.hpp"

#include <arch/clock.hpp>
#include <arch/cpu.hpp>
#include <arch/timer_line.hpp>

namespace arch {

constinit device::Irq found_timer_line = ~device::Irq{0};

namespace {

constexpr std::size_t virtual_timer = 2; // index of its interrupt

Result<> start(const device::FdtNode& node) {
    const device::InterruptSpecifier specifier = TRY(node.interrupt(virtual_timer));
    device::InterruptController& controller = device::interrupt_controller();
    const device::InterruptLine found = TRY(controller.decode(specifier.span()));
    found_timer_line = found.irq;
    return controller.enable(found.irq, found.trigger, current_cpu());
}

[[gnu::section("fdt_drivers"), gnu::used, gnu::retain]] constinit const device::FdtDriver driver{
    "arm,armv8-timer", device::Phase::device, start};

} // namespace

} // namespace arch
