// How an address space begins and ends, and on which CPUs it is active meanwhile.

#include "lib/log.hpp"
#include "memory/address_space.hpp"
#include "memory/asid.hpp"
#include "memory/frame.hpp"
#include "memory/shootdown.hpp"

#include <new>

namespace memory {

namespace {

/// A zeroed frame as a root without an entry in use.
Result<PhysAddr> create_root() {
    const PhysAddr root = TRY(allocate_zeroed_frame());
    frame_of(root).references.store(0, std::memory_order_relaxed);
    return root;
}

} // namespace

Result<Ref<AddressSpace>> AddressSpace::create(EntryMode mode, const Layout& layout) {
    auto* space = new (std::nothrow) AddressSpace(mode, layout);
    if (!space)
        return fail(Error::no_memory);
    auto owner = Ref<AddressSpace>::adopt(space);
    TRY(space->create_roots());
    return owner;
}

Result<> AddressSpace::create_roots() {
    translation_.root = TRY(create_root());
    arch::initialise_user_root(arch::phys_to_virt<std::uint64_t>(translation_.root));
    table_.use_root(translation_.root);
    if (mode_ == EntryMode::trampoline)
        TRY(create_isolated_root());
    translation_.asid = allocate_asid();
    return {};
}

AddressSpace::~AddressSpace() {
    {
        InterruptGuard no_interrupts;
        if (arch::current_cpu().address_space == this)
            switch_address_space(nullptr);
    }
    if (!table_.has_root())
        return;
    // Nobody runs here any more: one flush is enough for all frames, and for the next owner of the ASID.
    flush_all();
    cpus_.store(0);
    static_cast<void>(unmap_locked(0, layout_.highest));
    if (mode_ == EntryMode::trampoline)
        destroy_isolated_root();
    // Tables that a failed call left empty.
    if (frame_of(translation_.root).references.load(std::memory_order_relaxed) != 0)
        table_.free_all_tables(0, arch::user_top - 1);
    free_frame(translation_.root);
    free_asid(translation_.asid);
}

void switch_address_space(AddressSpace* next) {
    thread::Cpu& cpu = arch::current_cpu();
    AddressSpace* last = cpu.address_space;
    if (last == next)
        return;
    const std::uint32_t bit = 1u << cpu.index;
    cpu.address_space = next;
    if (next) {
        // Before the CPU can load an entry: whoever changes one afterwards sees the bit.
        if ((next->cpus_.load(std::memory_order_relaxed) & bit) == 0)
            next->cpus_.fetch_or(bit);
        arch::activate_translation(next->translation_);
        if (next->translation_.asid == 0 && arch::asid_bits() != 0) [[unlikely]]
            arch::flush_user_all(next->translation_, thread::CpuMask::one(cpu.index));
    } else {
        arch::activate_kernel_translation();
    }
    // Without a number of its own nothing of the last space stays in this CPU's TLB; with one it may, until it is
    // flushed.
    if (last && last->translation_.asid == 0)
        last->cpus_.fetch_and(~bit);
}

} // namespace memory
