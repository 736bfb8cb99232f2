#pragma once
// Physical frames: a buddy allocator over all RAM with a small stock per CPU, and a count of users per frame for shared
// pages.

#include "lib/address.hpp"
#include "lib/result.hpp"

#include <arch/page_table.hpp>
#include <atomic>
#include <cstdint>

namespace boot {
struct BootInfo;
}

namespace memory {

enum class FrameState : std::uint8_t {
    reserved, // boot's: image, tables, device tree; never handed out
    free,     // first frame of a free block
    stocked,  // free, in a CPU's stock
    allocated,
};

/// What is known of each frame. Of a block only the first one's is kept; that of frames inside a block is undefined
/// until the block is split.
struct Frame {
    std::atomic<std::uint32_t>
        references;     // owners of an allocated block. Page tables count their used entries here, pools their objects
    std::uint8_t order; // of the block that starts here
    FrameState state;
    std::uint8_t size_class;      // of a pool's slab
    bool code_synchronised;       // instruction fetch sees what was written here
    std::uint32_t next, previous; // list links, by index: free list here, slab lists in the pools
};

inline constexpr unsigned max_order = 18; // blocks up to 1 GiB

namespace detail {
struct FrameTable {
    Frame* frames = nullptr;
    std::uint64_t first = 0; // frame number of frames[0]
    std::uint64_t count = 0;
};
extern FrameTable frame_table;
extern PhysAddr zero_frame;
} // namespace detail

/// The frame's record. Only for RAM managed here.
inline Frame& frame_of(PhysAddr address) {
    return detail::frame_table.frames[address.frame_number() - detail::frame_table.first];
}

/// Takes over the RAM that boot left. Touches no frame but those that hold the records. Boot CPU only, current_cpu()
/// set.
void initialise_frames(const boot::BootInfo& info);

/// 2^order frames, naturally aligned, contents undefined, reference count 1. Any lock held, also in interrupt handlers.
/// Errors: no_memory.
Result<PhysAddr> allocate_frames(unsigned order);
void free_frames(PhysAddr block, unsigned order);

/// One frame; zeroed when asked.
Result<PhysAddr> allocate_frame();
Result<PhysAddr> allocate_zeroed_frame();
void free_frame(PhysAddr frame);

/// Shared frames (copy on write, page cache): the last release frees the frame.
inline void add_frame_reference(PhysAddr frame) {
    frame_of(frame).references.fetch_add(1, std::memory_order_relaxed);
}
inline void release_frame(PhysAddr frame) {
    std::atomic<std::uint32_t>& references = frame_of(frame).references;
    // A sole owner needs no atomic step: nobody else can add a reference.
    if (references.load(std::memory_order_acquire) == 1 || references.fetch_sub(1, std::memory_order_acq_rel) == 1)
        free_frame(frame);
}
/// True when the caller's is the only reference (the answer can only change through the caller).
inline bool frame_is_exclusive(PhysAddr frame) {
    return frame_of(frame).references.load(std::memory_order_acquire) == 1;
}

/// One frame of zeros for all pages that were read before they were written. Never exclusive, never freed; users add a
/// reference.
inline PhysAddr zero_frame() {
    return detail::zero_frame;
}

/// Turns frames that BootInfo reserved into allocated ones with one reference each, owned by the caller: the initrd's,
/// when its contents are used in place or given back with release_frame. The range must share no page with anything
/// else that is reserved.
void adopt_reserved_frames(PhysAddr start, std::uint64_t bytes);

/// Frames that nobody uses, also those kept in reserve by pools and stacks; exact when nothing runs. For leak tests and
/// meminfo.
std::uint64_t free_frame_count();
std::uint64_t total_frame_count();
/// Tells of allocated frames that would be given back when memory is short: they count as free.
void count_reserve(std::int64_t frames);
/// True for RAM managed here (not device memory).
bool is_ram(PhysAddr address);

} // namespace memory
