#pragma once
// Inodes of an xv6 file system in memory: what all share here, regular files and directories derived from it. Devices
// are plain nodes.

#include "file/xv6fs/file_system.hpp"

#include <boost/intrusive/set.hpp>

namespace file::xv6fs {

/// The original's console, as the disk has it, and ours. Nobody here has the former number.
inline constexpr DeviceNumber disk_console{1, 0};
inline constexpr DeviceNumber console{5, 1};

class Node : public Inode {
public:
    /// A node for what the inode's type says. Errors: io (a type, size or link count that cannot be), no_memory.
    static Result<Ref<Node>> make(Xv6FileSystem& file_system, std::uint32_t number, const DiskInode& contents);
    /// Frees the inode and its blocks when it has no name any more. May sleep; not within an operation unless it was
    /// given up.
    ~Node() override;

    Xv6FileSystem& volume() const;
    std::uint32_t disk_number() const { return static_cast<std::uint32_t>(number()); }

    // Inode
    Result<> change(const AttributeChange& change) override;
    Result<> sync() override { return volume().sync(); }

    /// Brings the inode into the operation: changing it cannot fail then.
    Result<> touch(Operation& operation) { return volume().touch_inode(operation, disk_number()); }
    std::int16_t disk_links() EXCLUDES(lock_);
    /// After touch().
    void change_links(Operation& operation, int difference) EXCLUDES(lock_);
    /// An inode that was made within this operation is none after all.
    void give_up(Operation& operation) EXCLUDES(lock_);
    /// Writes what programs have stored through mappings.
    virtual Result<> write_mapped() { return {}; }

    boost::intrusive::set_member_hook<> table_hook; // the file system's

protected:
    Node(Xv6FileSystem& file_system, Type type, std::uint32_t number, const DiskInode& contents);

    /// The number of the file's block; 0 in a hole. Errors: io (also a number that is none of the data's).
    Result<std::uint32_t> block_at(std::uint32_t index) REQUIRES(lock_);
    /// The same, with a hole filled. After touch(); store() is the caller's, also after an error. Errors: no_space, io,
    /// no_memory.
    Result<std::uint32_t> make_block(Operation& operation, std::uint32_t index) REQUIRES(lock_);
    /// Frees blocks from the end down to `size` bytes and sets the size, as far as the operation has room: true when
    /// all is done. After touch(), with cut_share() blocks reserved. Errors: io, no_memory; then the file is cut
    /// somewhere between.
    Result<bool> cut(Operation& operation, std::uint32_t size) REQUIRES(lock_);
    /// All bitmap blocks where the log has room for them: only on a very large disk a cut takes several operations.
    std::uint32_t cut_share() const;
    /// Writes disk_ to its block and shows it in the attributes.
    void store(Operation& operation) REQUIRES(lock_);

    thread::Mutex lock_; // never held while user memory is touched: page faults take it
    DiskInode disk_ GUARDED_BY(lock_);

private:
    class Cutter;
    void show() REQUIRES(lock_);
    bool is_orphan() EXCLUDES(lock_);
    void free_contents() EXCLUDES(lock_);
    Result<bool> cut_indirect(Operation& operation, Cutter& cutter, std::uint32_t keep) REQUIRES(lock_);
    Result<bool> cut_direct(Cutter& cutter, std::uint32_t keep) REQUIRES(lock_);
    void lower_size(std::uint32_t blocks) REQUIRES(lock_);
    Result<std::uint32_t> make_indirect_block(Operation& operation, std::uint32_t index) REQUIRES(lock_);
};

struct NodeNumber {
    using type = std::uint64_t;
    type operator()(const Node& node) const { return node.number(); }
};

} // namespace file::xv6fs
