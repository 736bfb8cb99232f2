// This ISA has no methods and types of its own beyond frames, tables and ASIDs.

#include "abi/sel4/object/isa_hooks.hpp"

namespace abi::sel4::isa {

Outcome decode_frame_method(Invocation&) {
    return illegal_operation();
}
Outcome decode_root_method(Invocation&) {
    return illegal_operation();
}
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
