#include "abi/sel4/object/check.hpp"

#include "abi/sel4/object/asid.hpp"
#include "abi/sel4/object/derivation.hpp"
#include "abi/sel4/object/isa_objects.hpp"
#include "abi/sel4/object/nesting.hpp"
#include "abi/sel4/object/page_table.hpp"
#include "abi/sel4/system.hpp"
#include "lib/log.hpp"

#include <sel4_isa/translation.hpp>

namespace abi::sel4 {
namespace {

using memory::PageTable;
using Format = arch::PageTableFormat;

/// log2 of the bytes that the capability names; 0: it names no memory, or not as its owner (reply capabilities).
unsigned memory_bits(const Capability& cap) {
    switch (cap.type()) {
    case CapType::untyped:
        return untyped::size_bits(cap);
    case CapType::endpoint:
        return endpoint_bits;
    case CapType::notification:
        return notification_bits;
    case CapType::thread:
        return isa::tcb_bits;
    case CapType::cnode:
        return cnode::radix(cap) + slot_bits;
    case CapType::zombie:
        return zombie::radix(cap) == zombie::of_tcb ? isa::tcb_bits : zombie::radix(cap) + slot_bits;
    default:
        return cap.type() >= first_isa_type ? isa::capability_bits(cap) : 0;
    }
}

Region region_of(const Capability& cap) {
    const std::uint64_t start = cap.physical().value;
    return {start, start + (std::uint64_t{1} << memory_bits(cap))};
}

bool is_device(const Capability& cap) {
    return (cap.is(CapType::untyped) && untyped::is_device(cap)) || (cap.is(CapType::frame) && frame::is_device(cap));
}

/// Pages and blocks below `count` entries of a table.
unsigned count_leaves(const Entry* table, unsigned level, std::size_t count) {
    unsigned leaves = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const Entry entry = table[i];
        if (Format::is_table(entry, level))
            leaves += count_leaves(arch::phys_to_virt<Entry>(Format::address(entry)), level + 1, PageTable::entries);
        else if (Format::is_present(entry))
            ++leaves;
    }
    return leaves;
}

class Checker {
public:
    explicit Checker(System& system) : system_(system) {}

    unsigned broken() const { return broken_; }

    void check_slots(const Slot* slots, std::uint64_t count, unsigned depth) REQUIRES(lock) {
        for (std::uint64_t i = 0; i < count && may_go_on(); ++i) {
            check_slot(slots[i]);
            const Capability& cap = slots[i].cap;
            if (cap && !slots[i].previous)
                check_list(slots[i]);
            // Deeper ones, and those that lead back, are seen from where they are nearer.
            if (cap.is(CapType::cnode) && depth != 0)
                check_slots(cap.object<Slot>(), std::uint64_t{1} << cnode::radix(cap), depth - 1);
        }
    }

    /// What the system was given, where it still is: nothing of it is given twice.
    void check_given(const Slot* slots, std::uint64_t count) REQUIRES(lock) {
        for (std::uint64_t i = 0; i < count; ++i) {
            if (!slots[i].cap.is(CapType::untyped) || slots[i].previous)
                continue;
            const Region given = region_of(slots[i].cap);
            for (std::uint64_t other = 0; other < count && may_go_on(); ++other) {
                if (other == i || slots[other].previous || memory_bits(slots[other].cap) == 0)
                    continue;
                const Region beside = region_of(slots[other].cap);
                require(beside.end <= given.start || given.end <= beside.start, "given twice", slots[other]);
            }
        }
    }

    /// After all slots: whatever a VSpace shows, some capability stands for.
    void check_mappings(const Slot& some) REQUIRES(lock) {
        unsigned leaves = 0;
        constexpr std::size_t user_entries = PageTable::index(isa::mapping_end - 1, 0) + 1;
        for (void* object : system_.asid_pools)
            if (object)
                for (const AsidEntry& entry : static_cast<const AsidPool*>(object)->entries)
                    if (entry.assigned())
                        leaves += count_leaves(entry.table(), 0, user_entries);
        require(leaves <= mapped_ || !may_go_on(), "more pages are mapped than capabilities know", some);
    }

private:
    /// One step more. Who asks for a check may have CNodes without end; nobody can wait so long.
    bool may_go_on() {
        constexpr unsigned most = 1u << 24;
        return steps_ < most && ++steps_ < most;
    }

    void require(bool good, const char* rule, const Slot& slot) {
        if (good)
            return;
        ++broken_;
        klog::error("seL4: slot {:x}: {}", reinterpret_cast<std::uintptr_t>(&slot), rule);
    }

    bool is_own(const Region& region) const {
        for (unsigned i = 0; i < system_.block_count; ++i) {
            const System::Block& block = system_.blocks[i];
            const std::uint64_t start = block.start.value;
            if (Region{start, start + (std::uint64_t{page_size} << block.order)}.contains(region))
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
        const Capability& cap = slot.cap;
        if (memory_bits(cap) != 0 && !is_device(cap))
            require(is_own(region_of(cap)), "its object is not the system's", slot);
        if (cap.is(CapType::untyped))
            require(untyped::watermark(cap) <= untyped::bytes(cap), "more handed out than there is", slot);
    }

    /// One list of the derivation tree: regions lie inside each other or apart, mappings are counted.
    void check_list(const Slot& head) REQUIRES(lock) {
        Nesting nesting;
        const Slot* before = nullptr; // the last one that names memory
        for (const Slot* slot = &head; slot && may_go_on(); slot = slot->next()) {
            const Capability& cap = slot->cap;
            if (memory_bits(cap) == 0)
                continue;
            if (const AsidEntry* root = cap.is(CapType::frame) ? find_asid(system_, mapping::asid(cap)) : nullptr)
                mapped_ += find_mapping(*root, cap).entry != nullptr;
            const std::uint64_t used = cap.is(CapType::untyped) ? untyped::watermark(cap) : 0;
            const Nesting::Fault fault = nesting.add(region_of(cap), used);
            require(fault != Nesting::Fault::overlap, "it overlaps what was made before", *slot);
            require(fault != Nesting::Fault::not_handed_out, "made of memory that was not handed out", *slot);
            if (before && !before->cap.is(CapType::untyped) && before->cap.physical() == cap.physical())
                require(same_object(before->cap, cap), "another object than the one before it, in its place", *slot);
            before = slot;
        }
    }

    System& system_;
    unsigned broken_ = 0;
    unsigned steps_ = 0;
    unsigned mapped_ = 0; // frame capabilities whose mapping is there
};

} // namespace

unsigned check_invariants(System& system) {
    Checker checker(system);
    for (Tcb* tcb = system.threads; tcb; tcb = tcb->system_next)
        checker.check_slots(tcb->slots.data(), tcb->slots.size(), 0);
    if (!system.root)
        return checker.broken();
    const Slot& cspace = system.root->slots[slot_cspace];
    checker.check_slots(&cspace, 1, 2);
    if (cspace.cap.is(CapType::cnode))
        checker.check_given(cspace.cap.object<Slot>(), std::uint64_t{1} << cnode::radix(cspace.cap));
    checker.check_mappings(cspace);
    return checker.broken();
}

} // namespace abi::sel4
