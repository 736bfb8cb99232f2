#pragma once
// One xv6 file system on a disk: its layout, its cache and log, the free blocks and inodes, and the inodes in use.
//
// Locks, from the outside in: the tree's lock (names) or a file's write lock -> the log (an Operation) -> a node's lock
// -> the table of nodes -> blocks of the cache. Of blocks a thread holds one of the data and one of the inodes or
// bitmap at most: a broken file system may give two things the same block.

#include "file/inode.hpp"
#include "file/xv6fs/log.hpp"

namespace file::xv6fs {

class Node;

class Xv6FileSystem final : public FileSystem {
public:
    /// Reads the superblock, carries out what the log holds and frees inodes that lost their last name while they were
    /// open. The disk is the file system's own while it lives. Errors: busy (somebody has the disk), invalid_argument
    /// (no xv6 file system, or a broken one), io, no_memory.
    static Result<Ref<Xv6FileSystem>> open(device::BlockDevice& disk);
    ~Xv6FileSystem() override;

    // FileSystem
    Result<Ref<Inode>> make_root() override;
    FileSystemUsage usage() override;
    Result<> sync() override;

    // For its nodes

    /// The inode of that number, which a name on the disk gave. Errors: io (there is none, or it is broken), no_memory.
    Result<Ref<Node>> node(std::uint32_t number) EXCLUDES(table_lock_);
    /// A new inode with one link and no blocks. Errors: no_space, no_memory, io; then nothing has changed.
    Result<Ref<Node>> create_node(Operation& operation, const DiskInode& contents) EXCLUDES(table_lock_);
    void forget(Node& node) EXCLUDES(table_lock_);

    /// A zeroed data block. The caller holds no block. Errors: no_space, no_memory, io; then nothing has changed.
    Result<std::uint32_t> allocate_block(Operation& operation);
    /// Numbers outside the data are left alone. Errors: io, no_memory; not when its bitmap block is in the operation.
    Result<> free_block(Operation& operation, std::uint32_t number);

    Result<DiskInode> read_inode(std::uint32_t number);
    /// Brings the inode's block into the operation. Errors: io, no_memory.
    Result<> touch_inode(Operation& operation, std::uint32_t number);
    /// After touch_inode().
    void write_inode(Operation& operation, std::uint32_t number, const DiskInode& contents);

    BlockCache& cache() { return cache_; }
    Log& log() { return log_; }
    const Layout& layout() const { return layout_; }

    // What operations may need of the log, in blocks.

    /// Bitmap blocks that `allocations` may touch.
    std::uint32_t bitmap_share(std::uint32_t allocations) const {
        return allocations < layout_.bitmap_blocks ? allocations : layout_.bitmap_blocks;
    }
    /// A new entry in a directory: the entry's block, the map of blocks, the bitmap.
    std::uint32_t entry_share() const { return 2 + bitmap_share(2); }

private:
    Xv6FileSystem(device::BlockDevice& disk, device::DiskClaim claim, const Layout& layout, std::size_t cache_limit)
        : FileSystem("xv6fs", false), claim_(std::move(claim)), layout_(layout), cache_(disk, cache_limit),
          log_(cache_, layout_) {}

    Result<> start();
    Result<> reclaim_orphans();
    Result<Ref<Node>> load(std::uint32_t number, const DiskInode& contents) REQUIRES(table_lock_);
    Result<std::uint32_t> claim_inode(Operation& operation, const DiskInode& contents);
    Result<std::uint32_t> claim_inode_from(Operation& operation, const DiskInode& contents, std::uint32_t number);
    Result<std::uint32_t> claim_block(Operation& operation);
    Result<std::uint32_t> claim_block_from(Operation& operation, std::uint32_t number);
    Ref<Node> next_node(std::uint32_t& number) EXCLUDES(table_lock_);

    const device::DiskClaim claim_;
    const Layout layout_;
    BlockCache cache_;
    Log log_;
    std::atomic<std::uint32_t> free_block_hint_{0}; // below it hardly anything is free
    std::atomic<std::uint32_t> free_inode_hint_{root_inode};

    thread::Mutex table_lock_;
    // An inode that goes away and a new one of the same number may be there at once.
    struct ByNumber;
    struct Table;
    Table* table_ = nullptr; // owned
};

} // namespace file::xv6fs
