#include "abi/sel4/object/derivation.hpp"

#include "abi/sel4/object/isa_objects.hpp"

namespace abi::sel4 {
namespace {

/// A region of `bytes` from `start` holds what `cap` names.
bool contains(PhysAddr start, std::uint64_t bytes, const Capability& cap) {
    const PhysAddr at = cap.physical();
    return at >= start && at - start < bytes;
}

bool has_physical_object(const Capability& cap) {
    switch (cap.type()) {
    case CapType::null:
    case CapType::reply: // names a TCB, but is none of its capabilities
    case CapType::irq_control:
    case CapType::irq_handler:
    case CapType::domain:
    case CapType::asid_control:
    case CapType::io_port_control:
    case CapType::io_port:
    case CapType::sgi_signal:
        return false;
    default:
        return true;
    }
}

/// What a copy of `cap` into another slot says of being revocable: it starts a family of its own.
bool is_revocable_copy(const Capability& derived, const Capability& source) {
    switch (derived.type()) {
    case CapType::endpoint:
    case CapType::notification:
        return endpoint::badge(derived) != endpoint::badge(source);
    case CapType::irq_handler:
    case CapType::io_port:
    case CapType::sgi_signal:
        return source.type() != derived.type(); // issued by its control capability
    case CapType::untyped:
        return true;
    default:
        return false;
    }
}

/// `later`, somewhere behind `slot` in the list, is a descendant of it.
bool is_parent_of(const Slot& slot, const Slot& later) {
    if (!slot.revocable() || !same_region(slot.cap, later.cap))
        return false;
    switch (slot.cap.type()) {
    case CapType::endpoint:
    case CapType::notification: {
        const Word badge = endpoint::badge(slot.cap);
        return badge == 0 || (badge == endpoint::badge(later.cap) && !later.first_badged());
    }
    default:
        return true;
    }
}

void link_behind(Slot& from, Slot& to, std::uintptr_t flags) REQUIRES(lock) {
    Slot* const next = from.next();
    to.previous = &from;
    to.next_and_flags = reinterpret_cast<std::uintptr_t>(next) | flags;
    from.set_next(&to);
    if (next)
        next->previous = &to;
}

/// Tells the neighbours in the list where a slot's contents went.
void relink_neighbours(Slot& at) REQUIRES(lock) {
    if (at.previous)
        at.previous->set_next(&at);
    if (Slot* const next = at.next())
        next->previous = &at;
}

} // namespace

bool same_region(const Capability& a, const Capability& b) {
    switch (a.type()) {
    case CapType::untyped:
        return has_physical_object(b) && contains(a.physical(), untyped::bytes(a), b);
    case CapType::endpoint:
    case CapType::notification:
    case CapType::thread:
        return b.type() == a.type() && a.physical() == b.physical();
    case CapType::reply:
        return b.is(CapType::reply) && a.physical() == b.physical();
    case CapType::cnode:
        return b.is(CapType::cnode) && a.physical() == b.physical() && cnode::radix(a) == cnode::radix(b);
    case CapType::domain:
        return b.is(CapType::domain);
    case CapType::irq_control:
        return b.is(CapType::irq_control) || b.is(CapType::irq_handler) || b.is(CapType::sgi_signal);
    case CapType::irq_handler:
        return b.is(CapType::irq_handler) && a.words[1] == b.words[1];
    case CapType::null:
    case CapType::zombie:
        return false;
    default:
        return b.type() >= first_isa_type && isa::same_region(a, b);
    }
}

bool same_object(const Capability& a, const Capability& b) {
    if (a.is(CapType::untyped))
        return false;
    if (a.is(CapType::irq_control) && b.type() != CapType::irq_control)
        return false;
    if (a.type() >= first_isa_type && b.type() >= first_isa_type)
        return isa::same_object(a, b);
    return same_region(a, b);
}

void insert_derived(const Capability& cap, Slot& from, Slot& to) {
    const bool revocable = is_revocable_copy(cap, from.cap);
    to.cap = cap;
    link_behind(from, to, revocable ? Slot::flag_revocable | Slot::flag_first_badged : 0);
    // Memory that has a copy is in use as a whole, whatever the copy is used for.
    if (from.cap.is(CapType::untyped) && cap.is(CapType::untyped) && from.cap.physical() == cap.physical()
        && untyped::size_bits(from.cap) == untyped::size_bits(cap))
        from.cap.words[1] = untyped::bytes(from.cap);
}

void insert_new_object(Slot& parent, Slot& to, const Capability& cap) {
    to.cap = cap;
    link_behind(parent, to, Slot::flag_revocable | Slot::flag_first_badged);
}

void insert_root(Slot& to, const Capability& cap, bool revocable) {
    to.cap = cap;
    to.previous = nullptr;
    to.next_and_flags = revocable ? Slot::flag_revocable | Slot::flag_first_badged : 0;
}

void move_slot(const Capability& cap, Slot& from, Slot& to) {
    to.cap = cap;
    to.previous = from.previous;
    to.next_and_flags = from.next_and_flags;
    from = {};
    relink_neighbours(to);
}

void swap_slots(const Capability& first_cap, Slot& first, const Capability& second_cap, Slot& second) {
    if (first.next() == &second || second.next() == &first) {
        // Neighbours: taken out and put back the other way round.
        Slot& before = first.next() == &second ? first : second;
        Slot& after = &before == &first ? second : first;
        const Capability before_cap = &before == &first ? first_cap : second_cap;
        const Capability after_cap = &before == &first ? second_cap : first_cap;
        const std::uintptr_t before_flags = before.next_and_flags & Slot::flag_mask;
        const std::uintptr_t after_flags = after.next_and_flags & Slot::flag_mask;
        Slot* const previous = before.previous;
        Slot* const next = after.next();
        // List order stays: the former `before` now lives in `after`'s slot.
        after.cap = before_cap;
        after.previous = previous;
        after.next_and_flags = reinterpret_cast<std::uintptr_t>(&before) | before_flags;
        before.cap = after_cap;
        before.previous = &after;
        before.next_and_flags = reinterpret_cast<std::uintptr_t>(next) | after_flags;
        relink_neighbours(after);
        relink_neighbours(before);
        return;
    }
    const Slot kept = first;
    first.cap = second_cap;
    first.previous = second.previous;
    first.next_and_flags = second.next_and_flags;
    second.cap = first_cap;
    second.previous = kept.previous;
    second.next_and_flags = kept.next_and_flags;
    relink_neighbours(first);
    relink_neighbours(second);
}

void unlink_slot(Slot& slot) {
    Slot* const next = slot.next();
    if (slot.previous)
        slot.previous->set_next(next);
    if (next) {
        next->previous = slot.previous;
        // The children of a badged capability become the next one's: it stands for the badge now.
        if (slot.first_badged())
            next->next_and_flags |= Slot::flag_first_badged;
    }
    slot = {};
}

bool is_final(const Slot& slot) {
    if (slot.previous && same_object(slot.previous->cap, slot.cap))
        return false;
    const Slot* const next = slot.next();
    return !next || !same_object(slot.cap, next->cap);
}

bool has_children(const Slot& slot) {
    const Slot* const next = slot.next();
    return next && is_parent_of(slot, *next);
}

Outcome ensure_no_children(const Slot& slot) {
    if (has_children(slot))
        return failure(ErrorCode::revoke_first);
    return {};
}

Outcome ensure_empty(const Slot& slot) {
    if (!slot.empty())
        return failure(ErrorCode::delete_first);
    return {};
}

OutcomeOf<Capability> derive(const Slot& slot, const Capability& cap) {
    switch (cap.type()) {
    case CapType::untyped:
        if (has_children(slot))
            return failure(ErrorCode::revoke_first);
        return cap;
    case CapType::zombie:
    case CapType::irq_control:
    case CapType::reply:
        return Capability{};
    default:
        if (cap.type() >= first_isa_type)
            return isa::derive(slot, cap);
        return cap;
    }
}

} // namespace abi::sel4
