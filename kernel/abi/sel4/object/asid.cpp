#include "abi/sel4/object/asid.hpp"

#include "abi/sel4/invocation.hpp"
#include "abi/sel4/object/cspace.hpp"
#include "abi/sel4/object/derivation.hpp"
#include "abi/sel4/object/isa_hooks.hpp"
#include "abi/sel4/object/isa_objects.hpp"
#include "abi/sel4/object/page_table.hpp"
#include "abi/sel4/object/tcb.hpp"
#include "abi/sel4/schedule.hpp"
#include "abi/sel4/system.hpp"
#include "memory/asid.hpp"
#include "thread/cpu.hpp"

#include <arch/cpu.hpp>
#include <cstring>
#include <sel4_isa/root.hpp>
#include <sel4_isa/translation.hpp>

namespace abi::sel4 {
namespace {

AsidPool* pool_at(const System& system, unsigned index) REQUIRES(lock) {
    return static_cast<AsidPool*>(system.asid_pools[index]);
}

/// CPUs that may hold translations of the root. Where the hardware has no numbers: those that run on it now.
thread::CpuMask cpus_of(const AsidEntry& entry) {
    if (arch::asid_bits() != 0)
        return thread::CpuMask::all();
    const std::uint64_t word = isa::make_root_word(entry.root(), entry.hardware());
    thread::CpuMask mask;
    for (unsigned i = 0; i < thread::cpu_count(); ++i)
        if (thread::cpu(i).foreign_root.load() == word)
            mask.bits |= 1u << i;
    return mask;
}

/// A free number in the pool; asids_per_pool: there is none. Number 0 of the first pool is never given out.
unsigned find_free(const AsidPool& pool, std::uint16_t first) {
    for (unsigned i = first == 0 ? 1 : 0; i < asids_per_pool; ++i)
        if (!pool.entries[i].assigned())
            return i;
    return asids_per_pool;
}

/// Takes the identifier away and makes sure that no CPU remembers or uses its tables.
void forget(System& system, AsidEntry& entry) REQUIRES(lock) {
    if (entry.used()) {
        forget_root(system, isa::make_root_word(entry.root(), entry.hardware()));
        flush_all(entry);
        memory::free_asid(entry.hardware());
    }
    entry = {};
}

} // namespace

AsidEntry* find_asid(System& system, std::uint16_t asid) {
    const unsigned index = asid >> asid_low_bits;
    AsidPool* pool = asid != 0 && index < isa::asid_pools ? pool_at(system, index) : nullptr;
    if (!pool)
        return nullptr;
    AsidEntry& entry = pool->entries[asid % asids_per_pool];
    return entry.assigned() ? &entry : nullptr;
}

OutcomeOf<AsidEntry*> root_of(System& system, const Capability& cap, Word which) {
    AsidEntry* entry = find_asid(system, mapping::asid(cap));
    if (!entry)
        return failed_lookup(false, {.kind = LookupFailure::Kind::invalid_root});
    if (entry->root() != cap.physical())
        return invalid_capability(which);
    return entry;
}

void flush_page(const AsidEntry& entry, std::uintptr_t address) {
    if (entry.used())
        arch::flush_user_page(entry.translation(), address, cpus_of(entry));
}

void flush_all(const AsidEntry& entry) {
    if (entry.used())
        arch::flush_user_all(entry.translation(), cpus_of(entry));
}

void delete_asid(System& system, std::uint16_t asid, PhysAddr root) {
    AsidEntry* entry = find_asid(system, asid);
    if (entry && entry->root() == root)
        forget(system, *entry);
}

Outcome delete_asid_pool(System& system, const Capability& cap) {
    const unsigned index = first_asid(cap) >> asid_low_bits;
    auto* pool = cap.object<AsidPool>();
    if (pool_at(system, index) != pool)
        return {};
    for (AsidEntry& entry : pool->entries) {
        if (!entry.assigned())
            continue;
        const bool used = entry.used(); // then all threads are asked, and other CPUs
        forget(system, entry);
        if (preemption_point(used ? 1024 : 4))
            return preempted();
    }
    system.asid_pools[index] = nullptr;
    return {};
}

void assign_asid(AsidPool& pool, std::uint16_t asid, Capability& root) {
    isa::prepare_root(root.object<std::uint64_t>());
    pool.entries[asid % asids_per_pool] = {root.physical().value};
    mapping::set(root, asid, 0);
    mapping::set_table_mapped(root, true);
}

Outcome decode_asid_control_invocation(Invocation& invocation) {
    if (invocation.label != static_cast<Label>(isa::IsaLabel::asid_control_make_pool))
        return illegal_operation();
    if (invocation.length < 2 || !invocation.extra[0] || !invocation.extra[1])
        return truncated_message();

    System& system = invocation.system;
    unsigned index = 0;
    while (index < isa::asid_pools && system.asid_pools[index])
        ++index;
    if (index == isa::asid_pools)
        return failure(ErrorCode::delete_first);

    Slot& parent = *invocation.extra[0];
    const Capability& memory = parent.cap;
    if (!memory.is(CapType::untyped) || untyped::size_bits(memory) != asid_pool_bits || untyped::is_device(memory))
        return invalid_capability(1);
    TRY(ensure_no_children(parent));
    Slot* target =
        TRY(lookup_slot_for_cnode_op(false, invocation.extra[1]->cap, invocation.word(0), invocation.word(1)));
    TRY(ensure_empty(*target));

    auto* pool = memory.object<AsidPool>();
    std::memset(pool, 0, sizeof *pool);
    parent.cap.words[1] = untyped::bytes(memory); // all of it is handed out
    const Capability cap =
        Capability::make(CapType::asid_pool, memory.physical(), std::uint64_t{index} << asid_low_bits);
    insert_derived(cap, parent, *target);
    system.asid_pools[index] = pool;
    return {};
}

Outcome decode_asid_pool_invocation(Invocation& invocation) {
    if (invocation.label != static_cast<Label>(isa::IsaLabel::asid_pool_assign))
        return illegal_operation();
    if (!invocation.extra[0])
        return truncated_message();
    Capability& root = invocation.extra[0]->cap;
    if (!root.is(isa::root_type) || mapping::table_is_mapped(root))
        return invalid_capability(1);

    const std::uint16_t first = first_asid(invocation.cap());
    AsidPool* pool = pool_at(invocation.system, first >> asid_low_bits);
    if (!pool)
        return failed_lookup(false, {.kind = LookupFailure::Kind::invalid_root});
    if (pool != invocation.cap().object<AsidPool>())
        return invalid_capability(0);
    const unsigned index = find_free(*pool, first);
    if (index == asids_per_pool)
        return failure(ErrorCode::delete_first);

    assign_asid(*pool, static_cast<std::uint16_t>(first + index), root);
    return {};
}

namespace isa {

bool is_vspace_root(const Capability& cap) {
    return cap.is(root_type) && mapping::table_is_mapped(cap);
}

std::uint64_t root_word(System& system, const Capability& vspace) {
    AsidEntry* entry = is_vspace_root(vspace) ? find_asid(system, mapping::asid(vspace)) : nullptr;
    if (!entry || entry->root() != vspace.physical())
        return 0;
    if (!entry->used()) {
        const std::uint16_t number = memory::allocate_asid();
        if (number == 0 && arch::asid_bits() != 0)
            return 0; // all numbers are somebody's: without one, entries of others would be found
        entry->word |= std::uint64_t{number} << 48 | AsidEntry::used_flag;
    }
    return make_root_word(entry->root(), entry->hardware());
}

void end_system(System& system) {
    for (void*& object : system.asid_pools) {
        if (!object)
            continue;
        for (AsidEntry& entry : static_cast<AsidPool*>(object)->entries)
            if (entry.assigned())
                forget(system, entry);
        object = nullptr;
    }
    release_special(system);
}

} // namespace isa

} // namespace abi::sel4
