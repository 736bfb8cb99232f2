// Interrupts of the I/O APICs, by chip and pin, and message-signalled ones. Programs choose a number, which seL4 makes
// vector 0x30 + number; a device that sends messages is told that vector, and here the number is device::Irq, whose
// vector is the same. A pin has the vector of its line whatever number was chosen. seL4 manual 8.1.1.

#include "abi/sel4/object/irq_request.hpp"

#include <sel4_isa/abi.hpp>

namespace abi::sel4::isa {
namespace {

constexpr Word last_number = 107; // irq_user_max - irq_user_min
constexpr Word pins_per_chip = 24, chip_count = 8;
constexpr Word last_bus = 255, last_device = 31, last_function = 7;

OutcomeOf<IrqRequest> io_apic_request(Invocation& invocation, IrqRequest request) REQUIRES(lock) {
    const Word chip = invocation.word(2), pin = invocation.word(3);
    const Word level = invocation.word(4), low = invocation.word(5);
    if (chip >= chip_count)
        return range_error(0, chip_count - 1);
    if (pin >= pins_per_chip)
        return range_error(0, pins_per_chip - 1);
    if (level > 1 || low > 1)
        return range_error(0, 1);
    request.line = static_cast<device::Irq>(chip * pins_per_chip + pin);
    if (level != 0)
        request.trigger = low != 0 ? device::Trigger::level_low : device::Trigger::level_high;
    else
        request.trigger = low != 0 ? device::Trigger::edge_falling : device::Trigger::edge_rising;
    return request;
}

OutcomeOf<IrqRequest> message_request(Invocation& invocation, IrqRequest request) REQUIRES(lock) {
    if (invocation.word(2) > last_bus)
        return range_error(0, last_bus);
    if (invocation.word(3) > last_device)
        return range_error(0, last_device);
    if (invocation.word(4) > last_function)
        return range_error(0, last_function);
    request.line = request.number;
    request.source = IrqRequest::Source::message;
    request.trigger = device::Trigger::edge_rising;
    return request;
}

} // namespace

OutcomeOf<IrqRequest> decode_irq_request(Invocation& invocation) {
    const bool io_apic = invocation.label == static_cast<Label>(IsaLabel::irq_issue_handler_ioapic);
    if (!io_apic && invocation.label != static_cast<Label>(IsaLabel::irq_issue_handler_msi))
        return illegal_operation();
    if (invocation.length < 7 || !invocation.extra[0])
        return truncated_message();
    const Word number = invocation.word(6);
    if (number > last_number)
        return range_error(0, last_number);
    const IrqRequest request{
        .number = static_cast<unsigned>(number), .index = invocation.word(0), .depth = invocation.word(1)};
    return io_apic ? io_apic_request(invocation, request) : message_request(invocation, request);
}

std::optional<Outcome> decode_irq_control_method(Invocation&) {
    return {};
}

bool is_kernel_line(const IrqRequest&) {
    return false; // the timer is the local APIC's
}

} // namespace abi::sel4::isa
