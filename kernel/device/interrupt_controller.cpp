#include "device/interrupt_controller.hpp"

#include "lib/log.hpp"
#include "lib/spinlock.hpp"

#include <arch/cpu.hpp>
#include <array>

namespace device {
namespace {

constexpr std::size_t line_count = 1024; // a GIC and a PLIC have at most so many

constinit InterruptController* controller = nullptr;

constinit Spinlock lock;
constinit std::array<InterruptHandler, line_count> handlers GUARDED_BY(lock){};

} // namespace

InterruptController& interrupt_controller() {
    return *controller;
}

bool has_interrupt_controller() {
    return controller != nullptr;
}

void set_interrupt_controller(InterruptController& found) {
    controller = &found;
}

Result<> attach_message_interrupt(Irq irq, InterruptHandler handler) {
    if (irq >= line_count || !controller)
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
    const auto enabled = controller->enable(irq, trigger, target);
    if (!enabled) {
        SpinlockGuard guard(lock);
        handlers[irq] = {};
    }
    return enabled;
}

void detach_interrupt(Irq irq) {
    if (irq >= line_count)
        return;
    controller->disable(irq);
    SpinlockGuard guard(lock);
    handlers[irq] = {};
}

void dispatch_interrupt(Irq irq) {
    InterruptHandler handler{};
    if (irq < line_count) {
        SpinlockGuard guard(lock);
        handler = handlers[irq];
    }
    if (handler.function)
        return handler.function(handler.context, irq);
    controller->disable(irq);
    klog::warning("interrupt {} has no handler; disabled", irq);
}

} // namespace device
