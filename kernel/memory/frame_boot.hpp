#pragma once
// Between frame_boot.cpp, which lays out the records, and frame.cpp, which keeps them.

#include <cstdint>

namespace memory::detail {

/// Empties the allocator. Boot CPU only.
void reset_frames();
/// Makes the frames with indices [first, last) free.
void add_free_frames(std::uint32_t first, std::uint32_t last);

} // namespace memory::detail
