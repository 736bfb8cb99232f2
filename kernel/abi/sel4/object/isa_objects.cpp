// What the ISAs' objects have in common.

#include "abi/sel4/object/isa_objects.hpp"

#include "abi/sel4/object/asid.hpp"
#include "abi/sel4/object/isa_hooks.hpp"
#include "abi/sel4/object/page_table.hpp"
#include "abi/sel4/system.hpp"

#include <sel4_isa/translation.hpp>

namespace abi::sel4::isa {
namespace {

constexpr Word first_type = static_cast<Word>(ObjectType::first_of_isa);

const ObjectKind* kind_of(Word type) {
    return type >= first_type && type - first_type < object_kinds.size() ? &object_kinds[type - first_type] : nullptr;
}

bool is_table(CapType type) {
    return type == CapType::page_table || type == CapType::vspace || type == CapType::page_directory
           || type == CapType::pdpt;
}

bool frame_contains(const Capability& outer, const Capability& inner) {
    const std::uint64_t outer_start = outer.physical().value, inner_start = inner.physical().value;
    const std::uint64_t outer_bytes = std::uint64_t{1} << capability_bits(outer);
    const std::uint64_t inner_bytes = std::uint64_t{1} << capability_bits(inner);
    return outer_start <= inner_start && inner_start + inner_bytes <= outer_start + outer_bytes;
}

} // namespace

unsigned capability_bits(const Capability& cap) {
    if (cap.is(CapType::frame))
        return frame_bits[frame::size(cap)];
    return is_table(cap.type()) || cap.is(CapType::asid_pool) ? 12 : 0;
}

Outcome decode_invocation(Invocation& invocation) {
    switch (const CapType type = invocation.cap().type()) {
    case CapType::frame:
        return decode_frame_invocation(invocation);
    case CapType::asid_control:
        return decode_asid_control_invocation(invocation);
    case CapType::asid_pool:
        return decode_asid_pool_invocation(invocation);
    default:
        if (!is_table(type))
            return decode_special_invocation(invocation);
        return type == CapType::vspace ? decode_root_method(invocation) : decode_page_table_invocation(invocation);
    }
}

bool same_region(const Capability& a, const Capability& b) {
    if (a.is(CapType::frame))
        return b.is(CapType::frame) && frame_contains(a, b);
    if (a.is(CapType::asid_control))
        return b.is(CapType::asid_control);
    if (capability_bits(a) == 0)
        return special_same_region(a, b);
    return a.type() == b.type() && a.physical() == b.physical();
}

bool same_object(const Capability& a, const Capability& b) {
    if (a.is(CapType::frame))
        return b.is(CapType::frame) && a.physical() == b.physical() && frame::size(a) == frame::size(b)
               && frame::is_device(a) == frame::is_device(b);
    if (!a.is(CapType::asid_control) && capability_bits(a) == 0)
        return special_same_object(a, b);
    return same_region(a, b);
}

OutcomeOf<Capability> derive(const Slot&, const Capability& cap) {
    if (cap.is(CapType::frame)) {
        Capability copy = cap;
        mapping::set(copy, 0, 0);
        return copy;
    }
    if (is_table(cap.type()) && !mapping::table_is_mapped(cap))
        return illegal_operation();
    if (!cap.is(CapType::asid_control) && capability_bits(cap) == 0 && !special_is_derivable(cap))
        return Capability{};
    return cap;
}

Capability mask_rights(const Capability& cap, Rights rights) {
    if (!cap.is(CapType::frame))
        return cap;
    Capability masked = cap;
    masked.set_field(7, 2, mask_frame_rights(frame::rights(cap), rights));
    return masked;
}

Outcome finalise(System& system, const Capability& cap, bool final) {
    const CapType type = cap.type();
    if (type == CapType::frame) {
        if (mapping::asid(cap) != 0)
            unmap_frame(system, cap);
    } else if (type == CapType::asid_pool) {
        return final ? delete_asid_pool(system, cap) : Outcome{};
    } else if (!is_table(type)) {
        finalise_special(system, cap, final);
    } else if (final && mapping::table_is_mapped(cap)) {
        const AsidEntry* entry = find_asid(system, mapping::asid(cap));
        if (entry && entry->root() == cap.physical())
            delete_asid(system, mapping::asid(cap), cap.physical());
        else
            unmap_table(system, cap);
    }
    return {};
}

unsigned object_bits(Word type) {
    const ObjectKind* kind = kind_of(type);
    return kind ? kind->bits : 0;
}

bool is_frame_type(Word type) {
    const ObjectKind* kind = kind_of(type);
    return kind && kind->type == CapType::frame;
}

Capability create_object(System&, Word type, PhysAddr at, bool device) {
    const ObjectKind& kind = *kind_of(type);
    if (kind.type == CapType::frame)
        return frame::make(at, kind.frame_size, right_read | right_write, device);
    return Capability::make(kind.type, at);
}

Outcome check_ipc_buffer(std::uintptr_t address, const Capability& cap) {
    if (!cap.is(CapType::frame) || frame::is_device(cap))
        return illegal_operation();
    if (address % (1u << ipc_buffer::bits) != 0)
        return failure(ErrorCode::alignment_error);
    return {};
}

} // namespace abi::sel4::isa
