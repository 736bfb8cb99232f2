// Types that only this ISA has. Software-generated interrupts are the kernel's own here, as on a platform of seL4's
// that has none to give: the method answers illegal_operation.

#include "abi/sel4/object/isa_hooks.hpp"

namespace abi::sel4::isa {

Outcome decode_special_invocation(Invocation&) {
    return illegal_operation();
}
bool special_same_region(const Capability&, const Capability&) {
    return false;
}
bool special_same_object(const Capability&, const Capability&) {
    return false;
}
bool special_is_derivable(const Capability&) {
    return false;
}
void finalise_special(System&, const Capability&, bool) {}

void release_special(System&) {}

} // namespace abi::sel4::isa
