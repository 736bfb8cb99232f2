#pragma once
// From a capability's address to its slot. seL4 manual 3.3 "CSpace Addressing".

#include "abi/sel4/lock.hpp"
#include "abi/sel4/object/slot.hpp"
#include "abi/sel4/outcome.hpp"

namespace abi::sel4 {

struct Tcb;

template <typename T>
using Lookup = std::expected<T, LookupFailure>;

/// Walks CNodes from `root` along the upper `depth` bits of what is left of `cptr`. Stops early at a capability that is
/// no CNode; bits_left says how far it came.
struct Resolved {
    Slot* slot;
    unsigned bits_left;
};
Lookup<Resolved> resolve_address_bits(const Capability& root, Cptr cptr, unsigned depth) REQUIRES(lock);

/// In the thread's own CSpace, at full depth; a capability found early is found.
Lookup<Slot*> lookup_slot(Tcb& tcb, Cptr cptr) REQUIRES(lock);

/// For CNode invocations: exactly `depth` bits. Errors: failed_lookup, range_error (depth).
OutcomeOf<Slot*> lookup_slot_for_cnode_op(bool source, const Capability& root, Cptr index, Word depth) REQUIRES(lock);

} // namespace abi::sel4
