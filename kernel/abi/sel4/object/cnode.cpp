// CNode invocations. seL4 manual 3.1.2 and the methods' reference.

#include "abi/sel4/invocation.hpp"
#include "abi/sel4/object/cspace.hpp"
#include "abi/sel4/object/delete.hpp"
#include "abi/sel4/object/derivation.hpp"
#include "abi/sel4/object/endpoint.hpp"
#include "abi/sel4/object/tcb.hpp"

namespace abi::sel4 {
namespace {

std::unexpected<Failure> missing(bool source, Word depth) {
    return failed_lookup(
        source, {.kind = LookupFailure::Kind::missing_capability, .bits_left = static_cast<std::uint8_t>(depth)});
}

/// Copy, Mint, Move, Mutate: the capability that arrives, and whether it leaves its old place.
struct Transfer {
    Capability cap;
    bool moves;
};

OutcomeOf<Transfer> decode_transfer(const Invocation& invocation, const Slot& source) REQUIRES(lock) {
    const auto rights = static_cast<Rights>(invocation.word(4) & all_rights);
    switch (invocation.label) {
    case Label::cnode_copy: {
        if (invocation.length < 5)
            return truncated_message();
        const auto derived = derive(source, mask_rights(source.cap, rights));
        if (!derived)
            return std::unexpected(derived.error());
        return Transfer{*derived, false};
    }
    case Label::cnode_mint: {
        if (invocation.length < 6)
            return truncated_message();
        const auto derived = derive(source, update_data(false, invocation.word(5), mask_rights(source.cap, rights)));
        if (!derived)
            return std::unexpected(derived.error());
        return Transfer{*derived, false};
    }
    case Label::cnode_move:
        return Transfer{source.cap, true};
    default: // cnode_mutate
        if (invocation.length < 5)
            return truncated_message();
        return Transfer{update_data(true, invocation.word(4), source.cap), true};
    }
}

Outcome decode_copy_or_move(Invocation& invocation, Slot& destination) REQUIRES(lock) {
    if (invocation.length < 4 || !invocation.extra[0])
        return truncated_message();
    if (auto empty = ensure_empty(destination); !empty)
        return empty;
    const Word depth = invocation.word(3);
    const auto source = lookup_slot_for_cnode_op(true, invocation.extra[0]->cap, invocation.word(2), depth);
    if (!source)
        return std::unexpected(source.error());
    if ((*source)->empty())
        return missing(true, depth);
    const auto transfer = decode_transfer(invocation, **source);
    if (!transfer)
        return std::unexpected(transfer.error());
    if (!transfer->cap)
        return illegal_operation();
    if (transfer->moves)
        move_slot(transfer->cap, **source, destination);
    else
        insert_derived(transfer->cap, **source, destination);
    return {};
}

Outcome decode_rotate(Invocation& invocation, Slot& destination) REQUIRES(lock) {
    if (invocation.length < 8 || !invocation.extra[0] || !invocation.extra[1])
        return truncated_message();
    const Word pivot_depth = invocation.word(4), source_depth = invocation.word(7);
    const auto source = lookup_slot_for_cnode_op(true, invocation.extra[1]->cap, invocation.word(6), source_depth);
    if (!source)
        return std::unexpected(source.error());
    const auto pivot = lookup_slot_for_cnode_op(true, invocation.extra[0]->cap, invocation.word(3), pivot_depth);
    if (!pivot)
        return std::unexpected(pivot.error());
    if (*pivot == *source || *pivot == &destination)
        return illegal_operation();
    if (*source != &destination)
        if (auto empty = ensure_empty(destination); !empty)
            return empty;
    if ((*source)->empty())
        return missing(true, source_depth);
    if ((*pivot)->empty())
        return missing(false, pivot_depth);
    const Capability new_source = update_data(true, invocation.word(5), (*source)->cap);
    const Capability new_pivot = update_data(true, invocation.word(2), (*pivot)->cap);
    if (!new_source || !new_pivot)
        return illegal_operation();
    if (*source == &destination) {
        swap_slots(new_source, **source, new_pivot, **pivot);
    } else {
        move_slot(new_pivot, **pivot, destination);
        move_slot(new_source, **source, **pivot);
    }
    return {};
}

Outcome decode_save_caller(Invocation& invocation, Slot& destination) REQUIRES(lock) {
    if (auto empty = ensure_empty(destination); !empty)
        return empty;
    Slot& caller = invocation.caller.slots[slot_caller];
    if (caller.cap.is(CapType::reply))
        move_slot(caller.cap, caller, destination);
    return {};
}

Outcome decode_cancel_badged_sends(const Slot& destination) REQUIRES(lock) {
    if (!destination.cap.is(CapType::endpoint) || endpoint::rights(destination.cap) != all_rights)
        return illegal_operation();
    if (const Word badge = endpoint::badge(destination.cap); badge != 0)
        cancel_badged_sends(*destination.cap.object<Endpoint>(), badge);
    return {};
}

} // namespace

Outcome decode_cnode_invocation(Invocation& invocation) {
    if (invocation.label < Label::cnode_revoke || invocation.label > Label::cnode_save_caller)
        return illegal_operation();
    if (invocation.length < 2)
        return truncated_message();
    const auto slot = lookup_slot_for_cnode_op(false, invocation.cap(), invocation.word(0), invocation.word(1));
    if (!slot)
        return std::unexpected(slot.error());
    switch (invocation.label) {
    case Label::cnode_revoke:
        return revoke_slot(invocation.system, **slot);
    case Label::cnode_delete:
        return delete_slot(invocation.system, **slot);
    case Label::cnode_cancel_badged_sends:
        return decode_cancel_badged_sends(**slot);
    case Label::cnode_rotate:
        return decode_rotate(invocation, **slot);
    case Label::cnode_save_caller:
        return decode_save_caller(invocation, **slot);
    default:
        return decode_copy_or_move(invocation, **slot);
    }
}

} // namespace abi::sel4
