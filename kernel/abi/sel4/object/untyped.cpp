// Untyped_Retype. seL4 manual 3.2 and the method's reference.

#include "abi/sel4/invocation.hpp"
#include "abi/sel4/object/cspace.hpp"
#include "abi/sel4/object/derivation.hpp"
#include "abi/sel4/object/endpoint.hpp"
#include "abi/sel4/object/isa_objects.hpp"
#include "abi/sel4/object/tcb.hpp"
#include "abi/sel4/schedule.hpp"
#include "abi/sel4/system.hpp"

#include <cstring>

namespace abi::sel4 {
namespace {

constexpr Word fan_out_limit = 256; // CONFIG_RETYPE_FAN_OUT_LIMIT

/// What Retype was asked for, checked.
struct Request {
    Word type;
    unsigned user_bits;
    unsigned object_bits;
    bool device;
    Slot* slots; // the first of `count` empty ones
    Word count;
    PhysAddr start;    // of the first object
    std::uint64_t end; // watermark afterwards

    std::uint64_t bytes() const { return count << object_bits; }
};

/// log2 of the size; 64 and more: too large.
unsigned size_bits(Word type, Word user_bits) {
    switch (ObjectType{type}) {
    case ObjectType::untyped:
        return static_cast<unsigned>(user_bits);
    case ObjectType::tcb:
        return isa::tcb_bits;
    case ObjectType::endpoint:
        return endpoint_bits;
    case ObjectType::notification:
        return notification_bits;
    case ObjectType::cap_table:
        return slot_bits + static_cast<unsigned>(user_bits);
    default:
        return isa::object_bits(type);
    }
}

Capability create_object(Invocation& invocation, const Request& request, PhysAddr at) REQUIRES(lock) {
    switch (ObjectType{request.type}) {
    case ObjectType::untyped:
        return untyped::make(at, request.object_bits, request.device);
    case ObjectType::tcb:
        create_tcb(invocation.system, arch::phys_to_virt<Tcb>(at));
        return Capability::make(CapType::thread, at);
    case ObjectType::endpoint:
        return endpoint::make(CapType::endpoint, at, all_rights, 0);
    case ObjectType::notification:
        return endpoint::make(CapType::notification, at, right_read | right_write, 0);
    case ObjectType::cap_table:
        return cnode::make(at, request.user_bits, 0, 0);
    default:
        return isa::create_object(invocation.system, request.type, at, request.device);
    }
}

/// The CNode that the new capabilities go into. Errors: failed_lookup and those of the look-up.
OutcomeOf<const Capability*> find_destination(const Invocation& invocation) REQUIRES(lock) {
    const Capability& root = invocation.extra[0]->cap;
    const Word depth = invocation.word(3);
    const Capability* node = &root;
    if (depth != 0) {
        const auto slot = lookup_slot_for_cnode_op(false, root, invocation.word(2), depth);
        if (!slot)
            return std::unexpected(slot.error());
        node = &(*slot)->cap;
    }
    if (!node->is(CapType::cnode))
        return failed_lookup(
            false, {.kind = LookupFailure::Kind::missing_capability, .bits_left = static_cast<std::uint8_t>(depth)});
    return node;
}

Outcome check_type(const Invocation& invocation, Request& request) REQUIRES(lock) {
    const Word user_bits = invocation.word(1);
    request.type = invocation.word(0);
    if (request.type >= isa::type_end)
        return invalid_argument(0);
    if (user_bits >= word_bits || size_bits(request.type, user_bits) > isa::max_untyped_bits)
        return range_error(0, isa::max_untyped_bits);
    request.user_bits = static_cast<unsigned>(user_bits);
    request.object_bits = size_bits(request.type, user_bits);
    if (ObjectType{request.type} == ObjectType::cap_table && user_bits == 0)
        return invalid_argument(1);
    if (ObjectType{request.type} == ObjectType::untyped && user_bits < isa::min_untyped_bits)
        return invalid_argument(1);
    return {};
}

Outcome check_slots(const Invocation& invocation, Request& request) REQUIRES(lock) {
    const auto node = find_destination(invocation);
    if (!node)
        return std::unexpected(node.error());
    const Word size = Word{1} << cnode::radix(**node);
    const Word offset = invocation.word(4);
    request.count = invocation.word(5);
    if (offset > size - 1)
        return range_error(0, size - 1);
    if (request.count < 1 || request.count > fan_out_limit)
        return range_error(1, fan_out_limit);
    if (request.count > size - offset)
        return range_error(1, size - offset);
    request.slots = (*node)->object<Slot>() + offset;
    for (Word i = 0; i < request.count; ++i)
        if (auto empty = ensure_empty(request.slots[i]); !empty)
            return empty;
    return {};
}

Outcome check_memory(const Invocation& invocation, Request& request) REQUIRES(lock) {
    const Capability& cap = invocation.cap();
    // Without children nothing of it is in use any more.
    const std::uint64_t used = has_children(invocation.slot) ? untyped::watermark(cap) : 0;
    const std::uint64_t left = untyped::bytes(cap) - used;
    if (left >> request.object_bits < request.count)
        return failure(ErrorCode::not_enough_memory, left);
    request.device = untyped::is_device(cap);
    if (request.device && ObjectType{request.type} != ObjectType::untyped && !isa::is_frame_type(request.type))
        return invalid_argument(1);
    const std::uint64_t first = align_up(used, std::uint64_t{1} << request.object_bits);
    request.start = cap.physical() + first;
    request.end = first + request.bytes();
    return {};
}

/// Memory is used: what was zeroed there for another Retype may not stay zero, also when nobody uses it any more by
/// then and that untyped capability looks as before.
void forget_clearing(System::Clearing& clearing, const Request& request) {
    if (request.start < clearing.start + clearing.done && clearing.start < request.start + request.bytes())
        clearing = {};
}

/// Zeros the memory of the objects. Large ones take several rounds; the system remembers how far it came, as long as
/// nothing else is made of this memory. Errors: preempted.
Outcome clear_objects(Invocation& invocation, const Request& request) REQUIRES(lock) {
    if (request.device || ObjectType{request.type} == ObjectType::untyped)
        return {};
    std::byte* const memory = arch::phys_to_virt<std::byte>(request.start);
    const std::uint64_t bytes = request.bytes();
    if (bytes < page_size) {
        std::memset(memory, 0, bytes);
        return {};
    }
    System::Clearing& clearing = invocation.system.clearing;
    const bool goes_on =
        clearing.slot == &invocation.slot && clearing.cap == invocation.cap() && clearing.start == request.start;
    for (std::uint64_t at = goes_on ? clearing.done : 0; at < bytes; at += page_size) {
        if (preemption_point(page_size / 256)) {
            clearing = {&invocation.slot, invocation.cap(), request.start, at};
            return preempted();
        }
        arch::zero_page(memory + at);
    }
    return {};
}

} // namespace

Outcome decode_untyped_invocation(Invocation& invocation) {
    if (invocation.label != Label::untyped_retype)
        return illegal_operation();
    if (invocation.length < 6 || !invocation.extra[0])
        return truncated_message();
    Request request{};
    if (auto good = check_type(invocation, request); !good)
        return good;
    if (auto good = check_slots(invocation, request); !good)
        return good;
    if (auto good = check_memory(invocation, request); !good)
        return good;
    if (auto cleared = clear_objects(invocation, request); !cleared)
        return cleared;
    forget_clearing(invocation.system.clearing, request);
    invocation.slot.cap.words[1] = request.end;
    for (Word i = 0; i < request.count; ++i) {
        const Capability cap = create_object(invocation, request, request.start + (i << request.object_bits));
        insert_new_object(invocation.slot, request.slots[i], cap);
    }
    return {};
}

} // namespace abi::sel4
