#pragma once
// Pages that leave an address space: their frames may be used again only when no TLB knows them any more.

#include "memory/address_space.hpp"
#include "memory/frame.hpp"

#include <array>

namespace memory {

/// Collects frames and tables that were unlinked, flushes, then frees them. Several at once, because a flush can cost
/// an interrupt on other CPUs. The address space's lock is held all along.
class AddressSpace::Shootdown {
public:
    explicit Shootdown(AddressSpace& space) : space_(space), flushes_(space.reference_count() != 0) {}
    Shootdown(const Shootdown&) = delete;
    ~Shootdown() { finish(); }

    /// A page left the tables. `counted`: its frame has a reference to give back.
    void add_page(std::uintptr_t address, PhysAddr frame, bool counted) {
        if (flushes_)
            collect_page(address, frame, counted);
        else if (counted)
            release_frame(frame);
    }
    void add_table(PhysAddr table) {
        if (flushes_)
            collect_table(table);
        else
            free_frame(table);
    }
    void finish();

private:
    static constexpr unsigned capacity = 48;
    static constexpr unsigned single_flushes = 8; // more pages than this: all of the space is flushed

    void collect_page(std::uintptr_t address, PhysAddr frame, bool counted);
    void collect_table(PhysAddr table);

    AddressSpace& space_;
    const bool flushes_;  // false: the space is at its end, nobody can run there any more
    unsigned pages_ = 0;  // to flush
    unsigned frames_ = 0; // to release
    unsigned tables_ = 0; // to free
    std::array<std::uintptr_t, single_flushes> addresses_;
    std::array<PhysAddr, capacity> frame_;
    std::array<PhysAddr, PageTable::Format::levels> table_;
};

} // namespace memory
