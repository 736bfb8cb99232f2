// A CNode or TCB whose last capability is deleted holds slots that must be emptied first, which may end further CNodes,
// also itself. Its capability becomes a zombie: it counts the slots that may still hold something, names nothing that
// could be invoked, and so carries the work over preemptions. A zombie met inside a zombie changes places with the
// first slot of its own object: nothing is ever nested deeper than that.

#include "abi/sel4/object/delete.hpp"

#include "abi/sel4/object/derivation.hpp"
#include "abi/sel4/object/endpoint.hpp"
#include "abi/sel4/object/interrupt.hpp"
#include "abi/sel4/object/isa_objects.hpp"
#include "abi/sel4/object/tcb.hpp"
#include "abi/sel4/schedule.hpp"
#include "abi/sel4/system.hpp"

namespace abi::sel4 {
namespace {

Slot* first_slot(const Capability& zombie_cap) {
    if (zombie::radix(zombie_cap) == zombie::of_tcb)
        return zombie_cap.object<Tcb>()->slots.data();
    return zombie_cap.object<Slot>();
}

/// The zombie stands in the first slot of its own object and nothing else is left there.
bool is_cyclic(const Capability& cap, const Slot& slot) {
    return first_slot(cap) == &slot;
}

/// What is to happen when a capability is deleted: the object's end, when it is the last one. Returns what stays in the
/// slot: nothing, or a zombie.
OutcomeOf<Capability> finalise_capability(System& system, const Capability& cap, bool final) REQUIRES(lock) {
    switch (cap.type()) {
    case CapType::endpoint:
        if (final)
            cancel_all_ipc(*cap.object<Endpoint>());
        return Capability{};
    case CapType::notification:
        if (final) {
            Notification& notification = *cap.object<Notification>();
            if (notification.bound)
                unbind_notification(*notification.bound);
            cancel_all_signals(notification);
        }
        return Capability{};
    case CapType::cnode:
        if (!final)
            return Capability{};
        return zombie::make(cap.physical(), cnode::radix(cap), std::uint64_t{1} << cnode::radix(cap));
    case CapType::thread: {
        if (!final)
            return Capability{};
        if (const auto stopped = stall(*cap.object<Tcb>()); !stopped)
            return std::unexpected(stopped.error());
        finalise_tcb(*cap.object<Tcb>());
        return zombie::make(cap.physical(), zombie::of_tcb, tcb_slot_count);
    }
    case CapType::zombie:
        return cap;
    case CapType::irq_handler:
        if (final)
            finalise_irq_handler(system, cap);
        return Capability{};
    default:
        if (cap.type() >= first_isa_type)
            TRY(isa::finalise(system, cap, final));
        return Capability{};
    }
}

/// The zombie holds nothing any more, or nothing but itself.
bool is_removable(const Capability& cap, const Slot& slot) {
    if (!cap)
        return true;
    const std::uint64_t left = zombie::slots(cap);
    return left == 0 || (left == 1 && is_cyclic(cap, slot));
}

struct Progress {
    bool emptied = true; // the slot is ready to be unlinked
};

OutcomeOf<Progress> finalise_slot(System& system, Slot& slot, bool exposed) REQUIRES(lock);

/// Empties the last slots of the zombie in `slot`, as many as cost nothing and one more.
Outcome reduce_zombie(System& system, Slot& slot, bool exposed) REQUIRES(lock) {
    const Capability zombie_cap = slot.cap;
    Slot* const slots = first_slot(zombie_cap);
    if (!exposed) {
        // A zombie inside another: it goes into its own object, what was there comes here to be deleted.
        const Capability inner = slots->cap;
        swap_slots(inner, *slots, zombie_cap, slot);
        return {};
    }
    // Empty slots cost a load and a compare each.
    std::uint64_t left = zombie::slots(zombie_cap);
    constexpr std::uint64_t most = 16384; // of them between two looks at pending interrupts
    const std::uint64_t lowest = left > most ? left - most : 0;
    while (left > lowest && slots[left - 1].empty())
        --left;
    const auto passed = static_cast<unsigned>(zombie::slots(zombie_cap) - left);
    slot.cap.words[1] = left;
    if (left == 0 || passed == most) {
        if (preemption_point(passed / 64))
            return preempted();
        return {};
    }
    Slot& last = slots[left - 1];
    const auto inner = finalise_slot(system, last, false);
    if (!inner)
        return std::unexpected(inner.error());
    if (inner->emptied)
        unlink_slot(last);
    // The zombie may have moved meanwhile; it counts down only if it is still this one.
    if (slot.cap.is(CapType::zombie) && first_slot(slot.cap) == slots && zombie::slots(slot.cap) == left
        && last.empty())
        slot.cap.words[1] = left - 1;
    return {};
}

OutcomeOf<Progress> finalise_slot(System& system, Slot& slot, bool exposed) {
    while (!slot.empty()) {
        const bool final = is_final(slot);
        const auto rest = finalise_capability(system, slot.cap, final);
        if (!rest)
            return std::unexpected(rest.error());
        if (is_removable(*rest, slot))
            return Progress{true};
        slot.cap = *rest;
        if (!exposed && is_cyclic(*rest, slot))
            return Progress{false}; // the outer zombie counts over it; nobody else can reach it
        if (auto reduced = reduce_zombie(system, slot, exposed); !reduced)
            return std::unexpected(reduced.error());
        if (preemption_point(16))
            return preempted();
    }
    return Progress{true};
}

} // namespace

Outcome delete_slot(System& system, Slot& slot) {
    const auto done = finalise_slot(system, slot, true);
    if (!done)
        return std::unexpected(done.error());
    if (done->emptied && !slot.empty())
        unlink_slot(slot);
    return {};
}

Outcome revoke_slot(System& system, Slot& slot) {
    while (has_children(slot)) {
        if (auto deleted = delete_slot(system, *slot.next()); !deleted)
            return deleted;
        if (preemption_point(4))
            return preempted();
    }
    return {};
}

void delete_one(System& system, Slot& slot) {
    if (slot.empty())
        return;
    if (finalise_capability(system, slot.cap, is_final(slot)))
        unlink_slot(slot);
}

} // namespace abi::sel4
