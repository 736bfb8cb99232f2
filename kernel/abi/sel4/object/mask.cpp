// Capabilities with fewer rights, with a badge, with a guard.

#include "abi/sel4/object/derivation.hpp"
#include "abi/sel4/object/isa_objects.hpp"

namespace abi::sel4 {

Capability mask_rights(const Capability& cap, Rights rights) {
    Capability masked = cap;
    switch (cap.type()) {
    case CapType::endpoint:
    case CapType::notification:
        masked.set_field(5, 4, endpoint::rights(cap) & rights);
        return masked;
    case CapType::reply:
        masked.set_field(6, 1, reply::may_grant(cap) && (rights & right_grant));
        return masked;
    default:
        return cap.type() >= first_isa_type ? isa::mask_rights(cap, rights) : cap;
    }
}

Capability update_data(bool preserve, Word data, const Capability& cap) {
    Capability updated = cap;
    switch (cap.type()) {
    case CapType::endpoint:
    case CapType::notification:
        if (preserve || endpoint::badge(cap) != 0)
            return {};
        updated.words[1] = data;
        return updated;
    case CapType::cnode: {
        // seL4_CNode_CapData: guard 58 | guard size 6
        const auto guard_bits = static_cast<unsigned>(data & 63);
        if (guard_bits + cnode::radix(cap) > word_bits)
            return {};
        cnode::set_guard(updated, guard_bits, data >> 6 & ((Word{1} << guard_bits) - 1));
        return updated;
    }
    default:
        return cap;
    }
}

} // namespace abi::sel4
