// Types that only this ISA has: capabilities that raise a software-generated interrupt. The machine's own are the
// kernel's; what a system raises stays inside it, and its core is number 0. Other targets are cores that it has not.

#include "abi/sel4/object/interrupt.hpp"
#include "abi/sel4/object/isa_hooks.hpp"

#include <sel4_isa/software_interrupt.hpp>

namespace abi::sel4::isa {

/// Whatever the label and the words are: it is invoked as a notification is.
Outcome decode_special_invocation(Invocation& invocation) {
    if (!invocation.cap().is(CapType::sgi_signal))
        return illegal_operation();
    if (sgi_signal::target(invocation.cap()) == 0)
        raise_software_interrupt(invocation.system, sgi_signal::number(invocation.cap()));
    return {};
}

bool special_same_region(const Capability& a, const Capability& b) {
    return a.is(CapType::sgi_signal) && a == b;
}

bool special_same_object(const Capability& a, const Capability& b) {
    return special_same_region(a, b);
}

bool special_is_derivable(const Capability& cap) {
    return cap.is(CapType::sgi_signal);
}

void finalise_special(System&, const Capability&, bool) {}

void release_special(System&) {}

} // namespace abi::sel4::isa
