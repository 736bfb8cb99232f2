#pragma once
// Interrupt controllers and the table of who listens to which line.

#include "lib/result.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace thread {
struct Cpu;
}

namespace device {

/// A line number in the controller's own numbering (GIC INTID, PLIC source, IOAPIC global system interrupt).
using Irq = std::uint32_t;

enum class Trigger : std::uint8_t { level_high, level_low, edge_rising, edge_falling };

struct InterruptLine {
    Irq irq;
    Trigger trigger;
};

class InterruptController {
public:
    /// The line that a device tree's interrupt specifier (its cells, in CPU byte order) means. Errors:
    /// invalid_argument.
    virtual Result<InterruptLine> decode(std::span<const std::uint32_t> cells) const = 0;
    /// Per-CPU part; called once on each CPU with interrupts off.
    virtual void initialise_cpu(thread::Cpu& cpu) = 0;
    /// Lets the line interrupt `cpu`. Errors: invalid_argument (no such line).
    virtual Result<> enable(Irq irq, Trigger trigger, thread::Cpu& cpu) = 0;
    virtual void disable(Irq irq) = 0;
    /// The next pending line, now marked active; nothing when there is none (spurious).
    virtual std::optional<Irq> acknowledge() = 0;
    virtual void complete(Irq irq) = 0;
    /// Interrupts another CPU; only where the controller does it (GIC). Others: arch::send_ipi does it itself.
    virtual void send_ipi(thread::Cpu& target) = 0;

protected:
    ~InterruptController() = default;
};

/// For interrupt_controller(), which is on the path of every interrupt.
extern InterruptController* found_controller;
/// The machine's controller. Set once at boot, before any interrupt is let in.
inline InterruptController& interrupt_controller() {
    return *found_controller;
}
bool has_interrupt_controller();
void set_interrupt_controller(InterruptController& controller);

/// What is called when a line fires: with interrupts off, on the CPU that took it; must not sleep.
struct InterruptHandler {
    void (*function)(void* context, Irq irq);
    void* context;
};

/// Registers a handler and enables the line, for this CPU or for `target`. Errors: busy (taken), invalid_argument.
Result<> attach_interrupt(Irq irq, Trigger trigger, InterruptHandler handler);
Result<> attach_interrupt(Irq irq, Trigger trigger, InterruptHandler handler, thread::Cpu& target);
/// Registers a handler for a number that devices send as a message; no line is enabled. Errors: busy, invalid_argument.
Result<> attach_message_interrupt(Irq irq, InterruptHandler handler);
void detach_interrupt(Irq irq);

/// Calls the line's handler; a line without one is disabled and logged once. Interrupts off.
void dispatch_interrupt(Irq irq);

} // namespace device
