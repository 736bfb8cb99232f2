#include "memory/shootdown.hpp"

namespace memory {

void AddressSpace::Shootdown::collect_page(std::uintptr_t address, PhysAddr frame, bool counted) {
    if (pages_ < single_flushes)
        addresses_[pages_] = address;
    ++pages_;
    if (counted)
        frame_[frames_++] = frame;
    if (frames_ == capacity)
        finish();
}

void AddressSpace::Shootdown::collect_table(PhysAddr table) {
    table_[tables_++] = table;
    if (tables_ == table_.size())
        finish();
}

void AddressSpace::Shootdown::finish() {
    // A CPU may have cached the way through a table as well: flushing single pages does not make it forget that. And
    // where other CPUs have to be interrupted, once is enough.
    const bool elsewhere = (space_.cpus_.load() & ~thread::CpuMask::one(arch::current_cpu().index).bits) != 0;
    if (tables_ != 0 || pages_ > (elsewhere ? 1 : single_flushes))
        space_.flush_all();
    else
        for (unsigned i = 0; i < pages_; ++i)
            space_.flush_page(addresses_[i]);
    for (unsigned i = 0; i < frames_; ++i)
        release_frame(frame_[i]);
    for (unsigned i = 0; i < tables_; ++i)
        free_frame(table_[i]);
    pages_ = frames_ = tables_ = 0;
}

// "This CPU" and "the others" must mean the same throughout a flush: a thread that moved in between would leave one
// out.

void AddressSpace::flush_page(std::uintptr_t address) {
    InterruptGuard stay_here;
    if (const thread::CpuMask cpus{cpus_.load()}; cpus.bits != 0)
        arch::flush_user_page(translation_, address, cpus);
}

void AddressSpace::flush_all() {
    InterruptGuard stay_here;
    if (const thread::CpuMask cpus{cpus_.load()}; cpus.bits != 0)
        arch::flush_user_all(translation_, cpus);
}

} // namespace memory
