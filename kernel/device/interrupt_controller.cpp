#include "device/interrupt_controller.hpp"

#include "lib/log.hpp"
#include "lib/spinlock.hpp"

#include <arch/cpu.hpp>
#include <array>

namespace device {

constinit InterruptController* found_controller = nullptr;

namespace {

constexpr std::size_t line_count = 1024; // a GIC and a PLIC have at most so many

constinit Spinlock lock;
constinit std::array<InterruptHandler, line_count> handlers GUARDED_BY(lock){};

/// Apart, so that the others need no stack frame.
[[gnu::noinline, gnu::cold]] void give_up(Irq irq) {
    found_controller->disable(irq);
    klog::warning("interrupt {} has no handler; disabled", irq);
}

} // namespace

bool has_interrupt_controller() {
    return found_controller != nullptr;
}

void set_interrupt_controller(InterruptController& found) {
    found_controller = &found;
}

Result<> attach_message_interrupt(Irq irq, InterruptHandler handler) {
    if (irq >= line_count || !found_controller)
        return fail(Error::invalid_argument);
    SpinlockGuard guard(lock);
    if (handlers[irq].function)
        return fail(Error::busy);
    handlers[irq] = handler;
    return {};
}

Result<> attach_interrupt(Irq irq, Trigger trigger, InterruptHandler handler) {
    return attach_interrupt(irq, trigger, handler, arch::current_cpu());
}

Result<> attach_interrupt(Irq irq, Trigger trigger, InterruptHandler handler, thread::Cpu& target) {
    TRY(attach_message_interrupt(irq, handler));
    const auto enabled = found_controller->enable(irq, trigger, target);
    if (!enabled) {
        SpinlockGuard guard(lock);
        handlers[irq] = {};
    }
    return enabled;
}

void detach_interrupt(Irq irq) {
    if (irq >= line_count)
        return;
    found_controller->disable(irq);
    SpinlockGuard guard(lock);
    handlers[irq] = {};
}

void dispatch_interrupt(Irq irq) {
    InterruptHandler handler{};
    if (irq < line_count) {
        lock.acquire(); // interrupts are off
        handler = handlers[irq];
        lock.release();
    }
    if (handler.function) [[likely]]
        return handler.function(handler.context, irq);
    give_up(irq);
}

} // namespace device
