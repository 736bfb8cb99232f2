#include "abi/sel4/object/irq_request.hpp"

#include "thread/cpu.hpp"

namespace abi::sel4::isa {

OutcomeOf<IrqRequest> decode_line_request(
    const Invocation& invocation, Label with_trigger, std::optional<Label> with_core, Word first, Word last) {
    const bool has_core = with_core && invocation.label == *with_core;
    const bool has_trigger = has_core || invocation.label == with_trigger;
    if (!has_trigger && invocation.label != Label::irq_issue_handler)
        return illegal_operation();
    const unsigned place = has_trigger ? 2 : 1; // of the index among the words
    if (invocation.length < place + 2 + has_core || !invocation.extra[0])
        return truncated_message();
    const Word number = invocation.word(0);
    if (number < first || number > last)
        return range_error(first, last);
    IrqRequest request{
        .number = static_cast<unsigned>(number),
        .line = static_cast<device::Irq>(number),
        .index = invocation.word(place),
        .depth = invocation.word(place + 1)};
    if (has_trigger && invocation.word(1) != 0)
        request.trigger = device::Trigger::edge_rising;
    if (has_core) {
        const Word core = invocation.word(place + 2);
        if (core >= thread::cpu_count())
            return invalid_argument(place + 2);
        request.core = static_cast<unsigned>(core);
    }
    return request;
}

} // namespace abi::sel4::isa
