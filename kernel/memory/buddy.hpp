#pragma once
// The buddy allocator under memory/frame.hpp: free blocks of 2^order frames in a list per order, by frame index.

#include "lib/spinlock.hpp"
#include "memory/frame.hpp"

#include <array>
#include <cstdint>

namespace memory {

/// Works on the records in detail::frame_table. Only the record of a block's first frame is ever read, so only it has
/// to be valid: at the start for each free block and for what borders on one, later by splitting.
class Buddy {
public:
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    Spinlock lock;

    /// Forgets everything.
    void reset() REQUIRES(lock);
    /// Adds the frames [first, last) as the largest aligned blocks that fit.
    void add_range(std::uint32_t first, std::uint32_t last) REQUIRES(lock);
    /// Index of an allocated block with one reference, or none.
    std::uint32_t allocate(unsigned order) REQUIRES(lock);
    /// Takes a block back and joins it with its free buddies.
    void free(std::uint32_t block, unsigned order) REQUIRES(lock);
    std::uint64_t free_frames() const REQUIRES(lock) { return free_frames_; }

private:
    void push(std::uint32_t block, unsigned order) REQUIRES(lock);
    void remove(std::uint32_t block, unsigned order) REQUIRES(lock);

    std::array<std::uint32_t, max_order + 1> heads_ GUARDED_BY(lock){};
    std::uint32_t not_empty_ GUARDED_BY(lock) = 0; // a bit per order
    std::uint64_t free_frames_ GUARDED_BY(lock) = 0;
};

} // namespace memory
