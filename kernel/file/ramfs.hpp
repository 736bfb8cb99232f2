#pragma once
// A file system in memory. The names are the tree's kept entries; inodes hold attributes and pages.

#include "file/inode.hpp"
#include "file/page_store.hpp"

namespace file {

class RamFileSystem final : public FileSystem {
public:
    /// `page_limit`: frames its files may hold. Errors: no_memory.
    static Result<Ref<RamFileSystem>> create(const char* type_name, Mode root_mode, std::uint64_t page_limit);

    Result<Ref<Inode>> make_root() override;
    FileSystemUsage usage() override;

    /// Counts pages against the limit. Errors: no_space.
    Result<> charge(std::uint64_t pages);
    void refund(std::uint64_t pages) { used_.fetch_sub(pages, std::memory_order_relaxed); }
    std::uint64_t next_number() { return next_number_.fetch_add(1, std::memory_order_relaxed); }
    std::atomic<std::uint64_t> inode_count{0};

private:
    RamFileSystem(const char* type_name, Mode root_mode, std::uint64_t limit)
        : FileSystem(type_name, true), limit_(limit), root_mode_(root_mode) {}

    const std::uint64_t limit_;
    const Mode root_mode_;
    std::atomic<std::uint64_t> used_{0};
    std::atomic<std::uint64_t> next_number_{1};
};

/// What all inodes of a RamFileSystem share; directories, fifos and device nodes are nothing more.
class RamInode : public Inode {
public:
    /// Errors: no_memory.
    static Result<Ref<Inode>> make(RamFileSystem& file_system, const NewFile& file);
    ~RamInode() override;

    Result<Ref<Inode>> create(std::string_view name, const NewFile& file) override;
    Result<Ref<Inode>> create_unnamed(const NewFile& file) override;
    Result<> link(std::string_view name, Inode& target) override;
    Result<> remove(std::string_view name, Inode& target) override;
    Result<>
    rename(std::string_view name, Inode& target, Inode& to, std::string_view new_name, Inode* replaced) override;

protected:
    RamInode(RamFileSystem& file_system, const NewFile& file);
    RamFileSystem& ram() const;
};

class RamRegular final : public RamInode {
public:
    RamRegular(RamFileSystem& file_system, const NewFile& file, Ref<PageStore> pages);
    ~RamRegular() override;

    Attributes attributes() const override;
    Result<std::size_t> read(std::uint64_t offset, Sink& to) override;
    Result<std::size_t> write(std::uint64_t& offset, Source& from, bool append) override;
    Result<> truncate(std::uint64_t size) override;
    Result<> allocate(std::uint64_t offset, std::uint64_t bytes, bool keep_size) override;
    Result<> punch_hole(std::uint64_t offset, std::uint64_t bytes) override;
    Ref<memory::MemoryObject> memory_object() override { return pages_; }
    Result<std::uint64_t> find_data(std::uint64_t offset, bool hole) override;

    PageStore& pages() { return *pages_; }

private:
    void zero_rest_of_page(std::uint64_t offset);
    Ref<PageStore> pages_;
    /// One writer at a time; held over copies from user memory, never taken while a fault is resolved.
    thread::Mutex write_lock_;
};

class RamSymlink final : public RamInode {
public:
    /// Takes the target's copy over.
    RamSymlink(RamFileSystem& file_system, const NewFile& file, char* target);
    ~RamSymlink() override;
    Result<std::size_t> read_link(std::span<char> to) override;

private:
    char* target_;
    std::size_t length_;
};

} // namespace file
