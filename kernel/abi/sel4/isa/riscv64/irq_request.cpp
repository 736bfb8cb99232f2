// Interrupts of the PLIC: by number, or by number and trigger. libsel4: object-api-arch.xml, seL4_IRQControl. The timer
// is no line of it.

#include "abi/sel4/object/irq_request.hpp"

#include <sel4_isa/abi.hpp>

namespace abi::sel4::isa {

OutcomeOf<IrqRequest> decode_irq_request(Invocation& invocation) {
    constexpr Word first_line = 1, last_line = 1023;
    return decode_line_request(
        invocation, static_cast<Label>(IsaLabel::irq_issue_handler_trigger), {}, first_line, last_line);
}

std::optional<Outcome> decode_irq_control_method(Invocation&) {
    return {};
}

bool is_kernel_line(const IrqRequest&) {
    return false;
}

} // namespace abi::sel4::isa
