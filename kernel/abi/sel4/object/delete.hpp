#pragma once
// Deleting and revoking capabilities. seL4 manual 3.1.4, 3.5.

#include "abi/sel4/lock.hpp"
#include "abi/sel4/object/slot.hpp"
#include "abi/sel4/outcome.hpp"

namespace abi::sel4 {

class System;

/// Deletes what the slot holds; with the last capability the object ends, and all that its slots held. May take many
/// rounds: preempted, the caller makes the call again and it goes on where it was.
Outcome delete_slot(System& system, Slot& slot) REQUIRES(lock);
/// Deletes all descendants of the slot. Preempted: as above.
Outcome revoke_slot(System& system, Slot& slot) REQUIRES(lock);
/// For capabilities whose deletion ends nothing that has slots: reply capabilities and copies. Nothing to do for an
/// empty slot.
void delete_one(System& system, Slot& slot) REQUIRES(lock);

} // namespace abi::sel4
