#pragma once
// Physical frames: a buddy allocator over all RAM, and a count of users per frame for shared pages.

#include "lib/address.hpp"
#include "lib/result.hpp"
#include "lib/spinlock.hpp"

#include <atomic>
#include <cstdint>
#include <span>

namespace boot {
struct BootInfo;
}

namespace memory {

/// What is known of each frame. Frames of a larger block are counted at the first one.
struct Frame {
    std::atomic<std::uint32_t> references{0}; // mappings and owners; 0: free, or owned by the kernel alone
    std::uint8_t order = 0;                   // of the free block that starts here
    std::uint8_t state = 0;                   // FrameState
    std::uint16_t reserved = 0;
    std::uint32_t next = 0, previous = 0;     // free list, by frame index
};

inline constexpr unsigned max_order = 18;     // blocks up to 1 GiB

/// Takes over the RAM that boot left. Does not touch the frames themselves. Boot CPU only.
void initialise_frames(const boot::BootInfo& info);

/// 2^order frames, naturally aligned, contents undefined, reference count 1. Errors: no_memory.
Result<PhysAddr> allocate_frames(unsigned order);
void free_frames(PhysAddr block, unsigned order);

/// One frame; zeroed when asked.
Result<PhysAddr> allocate_frame();
Result<PhysAddr> allocate_zeroed_frame();

/// Shared frames (copy on write, page cache): the last release frees the frame.
void add_frame_reference(PhysAddr frame);
void release_frame(PhysAddr frame);
/// True when the caller's is the only reference (the answer can only change through the caller).
bool frame_is_exclusive(PhysAddr frame);

/// Frame numbers handed to anyone; exact, for leak tests and meminfo.
std::uint64_t free_frame_count();
std::uint64_t total_frame_count();
/// True for RAM managed here (not device memory).
bool is_ram(PhysAddr address);

} // namespace memory
