// Interrupts of the PLIC: by number, or by number and trigger. libsel4: object-api-arch.xml, seL4_IRQControl. The timer
// is no line of it.

#include "abi/sel4/object/irq_request.hpp"

#include <sel4_isa/abi.hpp>

namespace abi::sel4::isa {
namespace {

constexpr Word first_line = 1, last_line = 1023;

} // namespace

OutcomeOf<IrqRequest> decode_irq_request(Invocation& invocation) {
    const bool with_trigger = invocation.label == static_cast<Label>(IsaLabel::irq_issue_handler_trigger);
    if (invocation.label != Label::irq_issue_handler && !with_trigger)
        return illegal_operation();
    const unsigned arguments = with_trigger ? 4 : 3;
    if (invocation.length < arguments || !invocation.extra[0])
        return truncated_message();
    const Word number = invocation.word(0);
    if (number < first_line || number > last_line)
        return range_error(first_line, last_line);
    const bool edge = with_trigger && invocation.word(1) != 0;
    return IrqRequest{
        .number = static_cast<unsigned>(number),
        .line = static_cast<device::Irq>(number),
        .trigger = edge ? device::Trigger::edge_rising : device::Trigger::level_high,
        .index = invocation.word(arguments - 2),
        .depth = invocation.word(arguments - 1)};
}

bool is_kernel_line(const IrqRequest&) {
    return false;
}

} // namespace abi::sel4::isa
