#pragma once
// Between frame_boot.cpp, which lays out the records, and frame.cpp, which keeps them.

#include <cstdint>

namespace memory::detail {

/// Empties the allocator / forgets all objects / all stacks and device windows. Boot CPU only.
void reset_frames();
void reset_pools();
void reset_kernel_map();
/// Makes the frames with indices [first, last) free.
void add_free_frames(std::uint32_t first, std::uint32_t last);
/// Takes the frame of zeros.
void take_zero_frame();

} // namespace memory::detail
