#pragma once
// The derivation tree: who was made from whom. seL4 manual 3.1.5 "Capability Derivation Tree". All under sel4::lock.

#include "abi/sel4/lock.hpp"
#include "abi/sel4/object/slot.hpp"
#include "abi/sel4/outcome.hpp"

namespace abi::sel4 {

/// Both name the same object, or `b` lies inside the object that `a` names: `a` could be an ancestor of `b`.
bool same_region(const Capability& a, const Capability& b);
/// Both name the same object.
bool same_object(const Capability& a, const Capability& b);

/// Puts `cap`, made from what `from` holds, into the empty slot `to`.
void insert_derived(const Capability& cap, Slot& from, Slot& to) REQUIRES(lock);
/// Puts the first capability of a new object into the empty slot `to`, as a child of the untyped memory in `parent`.
void insert_new_object(Slot& parent, Slot& to, const Capability& cap) REQUIRES(lock);
/// Puts a capability without any relative into an empty slot (boot).
void insert_root(Slot& to, const Capability& cap, bool revocable) REQUIRES(lock);
/// Moves what `from` holds, changed to `cap`, into the empty slot `to`.
void move_slot(const Capability& cap, Slot& from, Slot& to) REQUIRES(lock);
/// Exchanges two slots, with their capabilities changed to the ones given.
void swap_slots(const Capability& first_cap, Slot& first, const Capability& second_cap, Slot& second) REQUIRES(lock);
/// Takes a slot out of the tree and empties it; nothing is done to the object.
void unlink_slot(Slot& slot) REQUIRES(lock);

/// No other capability names this object.
bool is_final(const Slot& slot) REQUIRES(lock);
bool has_children(const Slot& slot) REQUIRES(lock);
/// An untyped capability with children may not be copied. Errors: revoke_first.
Outcome ensure_no_children(const Slot& slot) REQUIRES(lock);
/// Errors: delete_first.
Outcome ensure_empty(const Slot& slot) REQUIRES(lock);

/// The capability that a copy of `slot`'s (already changed to `cap`) is. Null: it may not be copied. Errors: as the
/// type says (revoke_first, illegal_operation).
OutcomeOf<Capability> derive(const Slot& slot, const Capability& cap) REQUIRES(lock);
/// The capability with no more than these rights.
Capability mask_rights(const Capability& cap, Rights rights);
/// Badge or guard set to `data`; null when that is not allowed. `preserve`: the badge may not be changed if there is
/// one.
Capability update_data(bool preserve, Word data, const Capability& cap);

} // namespace abi::sel4
