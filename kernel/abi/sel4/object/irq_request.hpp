#pragma once
// What IRQ control is asked for, as the ISA's methods say it.

#include "abi/sel4/invocation.hpp"
#include "device/interrupt_controller.hpp"

#include <optional>

namespace abi::sel4::isa {

struct IrqRequest {
    enum class Source : std::uint8_t {
        line,     // of the machine's controller
        message,  // the device writes the number: cannot be masked
        software, // raised by raise_software_interrupt() alone
    };
    unsigned number = 0;  // of the handler: what may not be asked for twice
    device::Irq line = 0; // of the machine's controller
    device::Trigger trigger = device::Trigger::level_high;
    Source source = Source::line;
    std::optional<unsigned> core{}; // that it interrupts; none: the one that asks
    Word index = 0, depth = 0;      // where the handler's capability goes
};

/// Reads a method of IRQ control. Errors: illegal_operation, truncated_message, range_error, invalid_argument.
OutcomeOf<IrqRequest> decode_irq_request(Invocation& invocation) REQUIRES(lock);

/// The same where lines have plain numbers: those of the methods IRQControl_Get, `with_trigger` (GetTrigger) and, when
/// the ISA has it, `with_core` (GetTriggerCore). `first`, `last`: the numbers that there are.
OutcomeOf<IrqRequest> decode_line_request(
    const Invocation& invocation, Label with_trigger, std::optional<Label> with_core, Word first, Word last)
    REQUIRES(lock);

/// A method of IRQ control that makes something else than a handler; nothing: it is none of those.
std::optional<Outcome> decode_irq_control_method(Invocation& invocation) REQUIRES(lock);

/// The kernel's own timer and the like: taken for ever.
bool is_kernel_line(const IrqRequest& request);

} // namespace abi::sel4::isa
