#include "abi/sel4/object/check.hpp"

#include "abi/sel4/object/derivation.hpp"
#include "abi/sel4/object/object_type.hpp"
#include "abi/sel4/system.hpp"
#include "lib/log.hpp"

namespace abi::sel4 {
namespace {

class Checker {
public:
    explicit Checker(System& system) : system_(system) {}

    unsigned broken() const { return broken_; }

    void check_slots(const Slot* slots, std::uint64_t count, unsigned depth) REQUIRES(lock) {
        for (std::uint64_t i = 0; i < count; ++i) {
            check_slot(slots[i]);
            const Capability& cap = slots[i].cap;
            // Deeper ones, and those that lead back, are seen from where they are nearer.
            if (cap.is(CapType::cnode) && depth != 0)
                check_slots(cap.object<Slot>(), std::uint64_t{1} << cnode::radix(cap), depth - 1);
        }
    }

private:
    void require(bool good, const char* rule, const Slot& slot) {
        if (good)
            return;
        ++broken_;
        klog::error("seL4: slot {:x}: {}", reinterpret_cast<std::uintptr_t>(&slot), rule);
    }

    bool is_own(PhysAddr start) const {
        for (unsigned i = 0; i < system_.block_count; ++i) {
            const System::Block& block = system_.blocks[i];
            if (start >= block.start && start - block.start < std::uint64_t{page_size} << block.order)
                return true;
        }
        return false;
    }

    void check_slot(const Slot& slot) REQUIRES(lock) {
        const Slot* const next = slot.next();
        if (slot.empty())
            return require(!slot.previous && slot.next_and_flags == 0, "empty, but in the tree", slot);
        require(!slot.previous || slot.previous->next() == &slot, "its neighbour before does not know it", slot);
        require(!next || next->previous == &slot, "its neighbour behind does not know it", slot);
        require(!next || !next->empty(), "its neighbour behind is empty", slot);
        check_memory(slot);
    }

    void check_memory(const Slot& slot) REQUIRES(lock) {
        const Capability& cap = slot.cap;
        const bool device =
            (cap.is(CapType::untyped) && untyped::is_device(cap)) || (cap.is(CapType::frame) && frame::is_device(cap));
        if (cap.physical().value != 0 && !device)
            require(is_own(cap.physical()), "its object is not the system's", slot);
        if (!cap.is(CapType::untyped))
            return;
        require(untyped::watermark(cap) <= untyped::bytes(cap), "more handed out than there is", slot);
        if (const Slot* const child = slot.next();
            child && has_children(slot) && child->cap.physical() != cap.physical())
            require(
                child->cap.physical() - cap.physical() < untyped::watermark(cap), "a child beyond the watermark", slot);
    }

    System& system_;
    unsigned broken_ = 0;
};

} // namespace

unsigned check_invariants(System& system) {
    Checker checker(system);
    for (Tcb* tcb = system.threads; tcb; tcb = tcb->system_next)
        checker.check_slots(tcb->slots.data(), tcb->slots.size(), 0);
    if (system.root)
        checker.check_slots(&system.root->slots[slot_cspace], 1, 2);
    return checker.broken();
}

} // namespace abi::sel4
