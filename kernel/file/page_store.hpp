#pragma once
// The pages of a file that lives in memory, and the memory object that mappings of the file share. Holes read as zeros
// and take no frame until they are written or mapped.

#include "memory/memory_object.hpp"
#include "memory/sparse_pages.hpp"
#include "thread/mutex.hpp"

#include <atomic>

namespace file {

class RamFileSystem;

class PageStore final : public memory::MemoryObject {
public:
    static constexpr std::uint64_t max_size = (memory::SparsePages::max_index + 1) << page_shift; // bytes

    explicit PageStore(RamFileSystem& budget);
    ~PageStore() override;

    /// Mappings: a hole gets a frame. Errors: out_of_range (behind the end), no_memory, no_space.
    Result<PhysAddr> page(std::uint64_t index, bool for_write) override EXCLUDES(lock_);

    std::optional<PhysAddr> resident_page(std::uint64_t index) override EXCLUDES(lock_);

    /// The frame at `index` with a reference added; address 0 when there is a hole.
    PhysAddr find(std::uint64_t index) EXCLUDES(lock_);
    /// The same, with a frame made for a hole; the file's size does not matter. Errors: no_memory, no_space.
    Result<PhysAddr> get(std::uint64_t index) EXCLUDES(lock_);
    /// Puts a frame into a hole; the store owns its reference then. Errors (the caller keeps it): no_memory, no_space.
    Result<> adopt(std::uint64_t index, PhysAddr frame) EXCLUDES(lock_);
    /// Drops the frames of [first, last).
    void drop(std::uint64_t first, std::uint64_t last) EXCLUDES(lock_);
    /// The first index in [index, end) that has a frame (or has none, for `hole`); `end` when there is none.
    std::uint64_t next(std::uint64_t index, std::uint64_t end, bool hole) EXCLUDES(lock_);

    /// Of the file whose pages these are, for /proc/PID/maps. Once, before anybody maps them.
    void set_identity(const Identity& identity) { identity_ = identity; }
    Identity identity() const override { return identity_; }

    std::uint64_t size() const { return size_.load(std::memory_order_acquire); }
    void set_size(std::uint64_t size) { size_.store(size, std::memory_order_release); }
    std::uint64_t pages() EXCLUDES(lock_);

private:
    Ref<RamFileSystem> budget_; // mappings may outlive the mount
    thread::Mutex lock_;        // leaf but for the frame allocator; taken while faults are resolved
    memory::SparsePages pages_ GUARDED_BY(lock_);
    std::atomic<std::uint64_t> size_{0};
    Identity identity_;
};

} // namespace file
