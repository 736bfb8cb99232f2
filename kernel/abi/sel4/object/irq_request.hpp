#pragma once
// What IRQ control is asked for, as the ISA's methods say it.

#include "abi/sel4/invocation.hpp"
#include "device/interrupt_controller.hpp"

namespace abi::sel4::isa {

struct IrqRequest {
    unsigned number = 0;  // of the handler: what may not be asked for twice
    device::Irq line = 0; // of the machine's controller
    device::Trigger trigger = device::Trigger::level_high;
    bool message = false;      // no line, the device writes the number: cannot be masked
    Word index = 0, depth = 0; // where the handler's capability goes
};

/// Reads a method of IRQ control. Errors: illegal_operation, truncated_message, range_error.
OutcomeOf<IrqRequest> decode_irq_request(Invocation& invocation) REQUIRES(lock);

/// The kernel's own timer and the like: taken for ever.
bool is_kernel_line(const IrqRequest& request);

} // namespace abi::sel4::isa
