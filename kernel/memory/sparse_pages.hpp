#pragma once
// Pages by index with holes: the contents of a ramfs file or of shared memory. A radix tree of frames, 512 entries per
// node.

#include "lib/address.hpp"
#include "lib/result.hpp"

#include <cstdint>
#include <optional>

namespace memory {

/// Has no lock: the owner's covers it. Holds one reference to each of its frames.
class SparsePages {
public:
    SparsePages() = default;
    SparsePages(const SparsePages&) = delete;
    ~SparsePages() { truncate(0); }

    static constexpr std::uint64_t max_index = (std::uint64_t{1} << 36) - 1;

    /// The frame at `index`, without a reference for the caller; nothing in a hole.
    std::optional<PhysAddr> find(std::uint64_t index) const;
    /// The same, but a hole gets a zeroed frame. Errors: no_memory, file_too_large (index above max_index).
    Result<PhysAddr> find_or_create(std::uint64_t index);
    /// Puts a frame, whose reference passes to the tree, into a hole. Errors (the reference stays with the caller):
    /// no_memory, file_too_large, exists.
    Result<> insert(std::uint64_t index, PhysAddr frame);
    /// Releases all frames from `first` on / in [first, last).
    void truncate(std::uint64_t first) { release(first, max_index + 1); }
    void release(std::uint64_t first, std::uint64_t last);
    /// The next index >= `from` that has a frame (SEEK_DATA); nothing when there is none.
    std::optional<std::uint64_t> next_present(std::uint64_t from) const;

    /// Frames held, without the tree's own.
    std::uint64_t size() const { return size_; }

private:
    static constexpr unsigned node_bits = 9;
    std::uint64_t* slot(std::uint64_t index) const;
    Result<std::uint64_t*> make_slot(std::uint64_t index);
    bool
    release_below(std::uint64_t* node, unsigned level, std::uint64_t base, std::uint64_t first, std::uint64_t last);
    std::optional<std::uint64_t>
    next_below(const std::uint64_t* node, unsigned level, std::uint64_t base, std::uint64_t from) const;

    std::uint64_t root_ = 0; // physical address of the top node, or of the only frame when height_ is 0
    unsigned height_ = 0;    // levels of nodes
    std::uint64_t size_ = 0;
};

} // namespace memory
