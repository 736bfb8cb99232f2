#pragma once
// Directories of an xv6 file system. The tree's lock, held by the callers, makes each of these one step for all others
// that look at names.

#include "file/xv6fs/node.hpp"

namespace file::xv6fs {

class DirectoryNode final : public Node {
public:
    DirectoryNode(Xv6FileSystem& file_system, std::uint32_t number, const DiskInode& contents)
        : Node(file_system, Type::directory, number, contents) {}

    // Inode
    Result<Ref<Inode>> look_up(std::string_view name) override;
    Result<Ref<Inode>> create(std::string_view name, const NewFile& file) override;
    Result<> link(std::string_view name, Inode& target) override;
    Result<> remove(std::string_view name, Inode& target) override;
    Result<>
    rename(std::string_view name, Inode& target, Inode& to, std::string_view new_name, Inode* replaced) override;
    Result<bool> list(std::uint64_t position, DirectoryItem& item) override;

private:
    /// A place for an entry, and what is there.
    struct Slot {
        std::uint32_t index = 0; // counted from the start of the directory
        std::uint32_t block = 0;
        DiskEntry entry{};

        std::size_t offset() const { return index % entries_per_block * sizeof(DiskEntry); }
    };
    /// The first slot at or after `from` that wanted(entry) accepts; nothing at the end. Errors: io, no_memory.
    template <typename Wanted>
    Result<std::optional<Slot>> search(std::uint32_t from, Wanted wanted) EXCLUDES(lock_);
    /// Errors: not_found, io, no_memory.
    Result<Slot> find(std::string_view name) EXCLUDES(lock_);
    /// What ".." says; 0 when it says nothing.
    Result<std::uint32_t> parent_number() EXCLUDES(lock_);
    Result<bool> is_empty() EXCLUDES(lock_);
    /// Brings the slot's block into the operation, so that put() cannot fail.
    Result<> touch_slot(Operation& operation, const Slot& slot);
    void put(Operation& operation, const Slot& slot, std::string_view name, std::uint32_t number);
    /// A new entry. After touch(). Errors: no_space, io, no_memory; then nothing has changed.
    Result<> enter(Operation& operation, std::string_view name, std::uint32_t number) EXCLUDES(lock_);
    Result<> fill_new(Operation& operation, std::uint32_t parent) EXCLUDES(lock_);
    Result<> check_move(DirectoryNode& to, Node& target);
    Result<> check_replaced(Inode& replaced);
    Result<Ref<Node>> create_within(Operation& operation, std::string_view name, const DiskInode& contents);
    /// `replaced` (null: none) lost its last or one of its names, in this directory.
    void drop_link(Operation& operation, Node& replaced);
};

} // namespace file::xv6fs
