// The domain capability, for the one domain that there is. seL4 manual 6.3.

#include "abi/sel4/invocation.hpp"
#include "abi/sel4/object/tcb.hpp"
#include "abi/sel4/schedule.hpp"
#include "abi/sel4/system.hpp"

namespace abi::sel4 {
namespace {

constexpr Word domains = 1;         // CONFIG_NUM_DOMAINS
constexpr Word schedule_length = 2; // CONFIG_NUM_DOMAIN_SCHEDULES; the last entry is always an end marker

Outcome decode_set(const Invocation& invocation) REQUIRES(lock) {
    if (invocation.length < 1)
        return truncated_message();
    if (invocation.word(0) >= domains)
        return invalid_argument(0);
    if (!invocation.extra[0])
        return truncated_message();
    if (!invocation.extra[0]->cap.is(CapType::thread))
        return invalid_argument(1);
    return {}; // it is in that domain
}

Outcome decode_configure(Invocation& invocation) REQUIRES(lock) {
    constexpr Word longest = (Word{1} << 56) - 1; // ticks
    if (invocation.length < 3)
        return truncated_message();
    const Word index = invocation.word(0), domain = invocation.word(1), duration = invocation.word(2);
    if (index >= schedule_length - 1)
        return range_error(0, schedule_length - 2);
    if (domain >= domains)
        return range_error(0, domains - 1);
    if (duration > longest)
        return invalid_argument(2);
    if (duration == 0) // the only entry is where the schedule starts
        return invalid_argument(2);
    return {};
}

Outcome decode_set_start(Invocation& invocation) REQUIRES(lock) {
    if (invocation.length < 1)
        return truncated_message();
    const Word index = invocation.word(0);
    if (index >= schedule_length)
        return range_error(0, schedule_length - 1);
    if (index == schedule_length - 1)
        return invalid_argument(0);
    reschedule_required();
    return {};
}

} // namespace

Outcome decode_domain_invocation(Invocation& invocation) {
    switch (invocation.label) {
    case Label::domain_set_set:
        return decode_set(invocation);
    case Label::domain_schedule_configure:
        return decode_configure(invocation);
    case Label::domain_schedule_set_start:
        return decode_set_start(invocation);
    default:
        return illegal_operation();
    }
}

} // namespace abi::sel4
