#pragma once
// The pages of a file that lives in memory: a sparse radix tree of frames, and the memory object that mappings of the
// file share. Holes read as zeros and take no frame until they are written or mapped.

#include "memory/memory_object.hpp"
#include "thread/mutex.hpp"

#include <atomic>

namespace file {

class RamFileSystem;

class PageStore final : public memory::MemoryObject {
public:
    static constexpr std::uint64_t max_size = std::uint64_t{1} << 47; // bytes

    explicit PageStore(RamFileSystem& budget);
    ~PageStore() override;

    /// Mappings: a hole gets a frame. Errors: out_of_range (behind the end), no_memory, no_space.
    Result<PhysAddr> page(std::uint64_t index, bool for_write) override EXCLUDES(lock_);

    /// The frame at `index` with a reference added, a hole when there is none (then the address is 0).
    PhysAddr find(std::uint64_t index) EXCLUDES(lock_);
    /// The same, with a frame made for a hole; the file's size does not matter. Errors: no_memory, no_space.
    Result<PhysAddr> get(std::uint64_t index) EXCLUDES(lock_);
    /// Puts a frame that is the caller's into a hole; the store owns the reference then. Errors: no_memory, exists.
    Result<> adopt(std::uint64_t index, PhysAddr frame) EXCLUDES(lock_);
    /// Drops the frames of [first, last).
    void drop(std::uint64_t first, std::uint64_t last) EXCLUDES(lock_);
    /// The first index at or after `index` that has a frame (or has none, for `hole`); at most `end`.
    std::uint64_t next(std::uint64_t index, std::uint64_t end, bool hole) EXCLUDES(lock_);

    std::uint64_t size() const { return size_.load(std::memory_order_acquire); }
    void set_size(std::uint64_t size) { size_.store(size, std::memory_order_release); }
    std::uint64_t pages() const { return pages_.load(std::memory_order_relaxed); }

private:
    static constexpr unsigned bits = 9;
    static constexpr std::uint64_t fan_out = 1u << bits;
    struct Node;

    std::uint64_t* slot(std::uint64_t index, bool make) REQUIRES(lock_);
    Result<> reserve(std::uint64_t index) REQUIRES(lock_);
    void drop_in(std::uint64_t node, unsigned level, std::uint64_t base, std::uint64_t first, std::uint64_t last)
        REQUIRES(lock_);
    void free_nodes(std::uint64_t node, unsigned level) REQUIRES(lock_);
    static std::uint64_t* entries(std::uint64_t node);

    Ref<RamFileSystem> budget_;                // mappings may outlive the mount
    thread::Mutex lock_;                       // leaf but for the frame allocator; taken while faults are resolved
    std::uint64_t root_ GUARDED_BY(lock_) = 0; // a frame: of the file when height_ is 0, else of slots
    unsigned height_ GUARDED_BY(lock_) = 0;    // levels of slots above the pages
    std::atomic<std::uint64_t> size_{0};
    std::atomic<std::uint64_t> pages_{0};
};

} // namespace file
