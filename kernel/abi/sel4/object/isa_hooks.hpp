#pragma once
// What each folder in isa/ gives besides sel4_isa/*.hpp, for the common part of the ISA's objects.

#include "abi/sel4/invocation.hpp"
#include "abi/sel4/object/capability.hpp"

namespace abi::sel4::isa {

/// Methods of frames and roots that only this ISA has: cache maintenance. Errors: illegal_operation for all others.
Outcome decode_frame_method(Invocation& invocation) REQUIRES(lock);
Outcome decode_root_method(Invocation& invocation) REQUIRES(lock);

/// Types that only this ISA has: I/O ports, software-generated interrupts.
Outcome decode_special_invocation(Invocation& invocation) REQUIRES(lock);
bool special_same_region(const Capability& a, const Capability& b);
bool special_same_object(const Capability& a, const Capability& b);
/// May it be copied?
bool special_is_derivable(const Capability& cap);
void finalise_special(System& system, const Capability& cap, bool final) REQUIRES(lock);

/// The system ends: what it has of them is given back.
void release_special(System& system) REQUIRES(lock);

} // namespace abi::sel4::isa
