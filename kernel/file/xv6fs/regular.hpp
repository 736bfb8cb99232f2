#pragma once
// Regular files of an xv6 file system. Their contents are kept by page while the file is in use; mappings share these
// pages.

#include "file/xv6fs/node.hpp"
#include "memory/memory_object.hpp"

namespace file::xv6fs {

class FilePages;

class RegularNode final : public Node {
public:
    RegularNode(Xv6FileSystem& file_system, std::uint32_t number, const DiskInode& contents)
        : Node(file_system, Type::regular, number, contents) {}
    ~RegularNode() override;

    // Inode
    Result<std::size_t> read(std::uint64_t offset, Sink& to) override EXCLUDES(lock_);
    /// In steps of a page, each of which is whole on the disk or not there.
    Result<std::size_t> write(std::uint64_t& offset, Source& from, bool append) override;
    Result<> truncate(std::uint64_t size) override;
    Ref<memory::MemoryObject> memory_object() override EXCLUDES(lock_);

    // Node
    Result<> write_mapped() override { return write_marked(true); }

private:
    friend class FilePages;
    static constexpr std::uint32_t blocks_per_page = page_size / block_bytes;
    static constexpr std::uint32_t max_pages = (max_file_bytes + page_size - 1) / page_size;

    /// The page with a reference for the caller. Errors: out_of_range (behind the end), io, no_memory.
    Result<PhysAddr> page(std::uint32_t index) REQUIRES(lock_);
    Result<PhysAddr> shared_page(std::uint64_t index, bool for_write) EXCLUDES(lock_);
    std::optional<PhysAddr> resident_page(std::uint64_t index) EXCLUDES(lock_);
    Result<> fill(std::uint32_t index, std::byte* to) REQUIRES(lock_);
    /// Zeros in the page's memory, if it is there, from `offset` to its end.
    void zero_rest_of_page(std::uint32_t offset) REQUIRES(lock_);
    void drop_pages(std::uint32_t first) REQUIRES(lock_);

    /// `bytes` (null: zeros) at `offset`, within one page, as one operation; the file grows. Errors: no_space,
    /// file_too_large, io, no_memory; a short count when some of it went.
    Result<std::size_t> write_step(std::uint32_t offset, const std::byte* bytes, std::size_t count) EXCLUDES(lock_);
    Result<> put_block(
        Operation& operation, std::uint32_t index, std::uint32_t in_block, const std::byte* bytes, std::size_t count)
        REQUIRES(lock_);
    Result<> extend(std::uint32_t size) EXCLUDES(lock_);
    Result<> shrink(std::uint32_t size) EXCLUDES(lock_);
    std::uint32_t size() EXCLUDES(lock_);
    std::uint32_t write_share() const;
    Ref<FilePages> live_object() EXCLUDES(lock_);
    Result<> write_mapped_page(std::uint32_t index) EXCLUDES(lock_);
    /// The object goes: what was stored through it is written, unless a newer one is there, which sees to it.
    void end_mappings(const FilePages& object) EXCLUDES(lock_);
    /// Writes the pages that are marked. `protect`: mappings may go on storing and have to be heard again.
    Result<> write_marked(bool protect) EXCLUDES(lock_);

    /// One writer at a time; held over copies from user memory, never taken while a fault is resolved.
    thread::Mutex write_lock_;
    thread::Mutex forget_lock_;                           // one visit to all mappings at a time
    PhysAddr pages_[max_pages] GUARDED_BY(lock_) = {};    // address 0: not there
    bool mapped_dirty_[max_pages] GUARDED_BY(lock_) = {}; // stored to through a mapping, not on the disk yet
    bool any_dirty_ GUARDED_BY(lock_) = false;
    FilePages* object_ GUARDED_BY(lock_) = nullptr; // while somebody maps the file; holds this node
};

/// What mappings of a file hold.
class FilePages final : public memory::MemoryObject {
public:
    explicit FilePages(RegularNode& node) : node_(Ref<RegularNode>::share(&node)) {}
    ~FilePages() override;

    Result<PhysAddr> page(std::uint64_t index, bool for_write) override { return node_->shared_page(index, for_write); }
    std::optional<PhysAddr> resident_page(std::uint64_t index) override { return node_->resident_page(index); }
    bool tracks_writes() const override { return true; }
    Result<> sync() override { return node_->sync(); }
    Identity identity() const override {
        return {.device = node_->file_system().device().minor, .inode = node_->number()};
    }

private:
    Ref<RegularNode> node_;
};

} // namespace file::xv6fs
