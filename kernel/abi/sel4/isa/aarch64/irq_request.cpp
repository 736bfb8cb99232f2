// Interrupts of the GIC: by number, by number and trigger, in a system for several cores also by core. Numbers below 16
// are software generated: those of the machine are the kernel's, a system has sixteen of its own. libsel4:
// object-api-arch.xml, seL4_IRQControl.

#include "abi/sel4/object/irq_request.hpp"

#include "abi/sel4/object/cspace.hpp"
#include "abi/sel4/object/derivation.hpp"
#include "abi/sel4/system.hpp"

#include <arch/timer_line.hpp>
#include <sel4_isa/abi.hpp>
#include <sel4_isa/software_interrupt.hpp>

namespace abi::sel4::isa {
namespace {

constexpr Word first_private = 16, first_shared = 32, last_line = 1019; // above: special numbers

/// IRQControl_IssueSGISignal.
Outcome issue_sgi_signal(Invocation& invocation) REQUIRES(lock) {
    if (invocation.length < 4 || !invocation.extra[0])
        return truncated_message();
    const Word number = invocation.word(0), target = invocation.word(1);
    if (number >= software_interrupts)
        return range_error(0, software_interrupts - 1);
    if (target >= software_interrupt_targets)
        return invalid_argument(1);
    Slot* slot = TRY(lookup_slot_for_cnode_op(false, invocation.extra[0]->cap, invocation.word(2), invocation.word(3)));
    TRY(ensure_empty(*slot));
    insert_derived(sgi_signal::make(number, target), invocation.slot, *slot);
    return {};
}

} // namespace

OutcomeOf<IrqRequest> decode_irq_request(Invocation& invocation) {
    const bool smp = invocation.system.smp;
    std::optional<Label> with_core;
    if (smp)
        with_core = static_cast<Label>(IsaLabel::irq_issue_handler_core);
    IrqRequest request = TRY(decode_line_request(
        invocation, static_cast<Label>(IsaLabel::irq_issue_handler_trigger), with_core, 0, last_line));
    if (request.line < first_private)
        request.source = IrqRequest::Source::software;
    if (smp && request.line < first_shared && !request.core) // which core's?
        return illegal_operation();
    return request;
}

std::optional<Outcome> decode_irq_control_method(Invocation& invocation) {
    if (invocation.system.smp || invocation.label != static_cast<Label>(IsaLabel::irq_issue_sgi_signal))
        return {};
    return issue_sgi_signal(invocation);
}

bool is_kernel_line(const IrqRequest& request) {
    return request.line == arch::timer_line();
}

} // namespace abi::sel4::isa
