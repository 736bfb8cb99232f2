#include "abi/sel4/object/cspace.hpp"

#include "abi/sel4/object/tcb.hpp"

namespace abi::sel4 {
namespace {

std::unexpected<LookupFailure> not_found(LookupFailure why) {
    return std::unexpected(why);
}

} // namespace

Lookup<Resolved> resolve_address_bits(const Capability& root, Cptr cptr, unsigned depth) {
    using Kind = LookupFailure::Kind;
    if (!root.is(CapType::cnode)) [[unlikely]]
        return not_found({.kind = Kind::invalid_root});
    const Capability* node = &root;
    for (unsigned left = depth;;) {
        const unsigned radix = cnode::radix(*node);
        const unsigned guard_bits = cnode::guard_bits(*node);
        const unsigned level = radix + guard_bits;
        if (guard_bits != 0) {
            // What of the address stands where the guard is; more than is left never matches.
            const Word found = cptr << (word_bits - left) >> (word_bits - guard_bits);
            if (guard_bits > left || found != cnode::guard(*node)) [[unlikely]]
                return not_found(
                    {.kind = Kind::guard_mismatch,
                     .bits_left = static_cast<std::uint8_t>(left),
                     .bits_found = static_cast<std::uint8_t>(guard_bits),
                     .guard_found = cnode::guard(*node)});
        }
        if (level > left) [[unlikely]]
            return not_found(
                {.kind = Kind::depth_mismatch,
                 .bits_left = static_cast<std::uint8_t>(left),
                 .bits_found = static_cast<std::uint8_t>(level)});
        left -= level;
        const Word index = cptr >> left & ((Word{1} << radix) - 1);
        Slot* slot = node->object<Slot>() + index;
        if (left == 0 || !slot->cap.is(CapType::cnode))
            return Resolved{slot, left};
        node = &slot->cap;
    }
}

Lookup<Slot*> lookup_slot(Tcb& tcb, Cptr cptr) {
    const auto resolved = resolve_address_bits(tcb.slots[slot_cspace].cap, cptr, word_bits);
    if (!resolved) [[unlikely]]
        return std::unexpected(resolved.error());
    return resolved->slot;
}

OutcomeOf<Slot*> lookup_slot_for_cnode_op(bool source, const Capability& root, Cptr index, Word depth) {
    if (!root.is(CapType::cnode))
        return failed_lookup(source, {.kind = LookupFailure::Kind::invalid_root});
    if (depth < 1 || depth > word_bits)
        return range_error(1, word_bits);
    const auto resolved = resolve_address_bits(root, index, static_cast<unsigned>(depth));
    if (!resolved)
        return failed_lookup(source, resolved.error());
    if (resolved->bits_left != 0)
        return failed_lookup(
            source, {.kind = LookupFailure::Kind::depth_mismatch,
                     .bits_left = static_cast<std::uint8_t>(resolved->bits_left),
                     .bits_found = 0});
    return resolved->slot;
}

} // namespace abi::sel4
