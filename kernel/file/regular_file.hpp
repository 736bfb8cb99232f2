#pragma once
// Open regular files, and names opened without their contents (open_path).

#include "file/open_file.hpp"

namespace file {

class RegularFile final : public OpenFile {
public:
    /// Errors: text_busy (for writing, while it runs), no_memory.
    static Result<Ref<OpenFile>> create(Inode& inode, const Path& path, std::uint32_t flags);
    /// A file without a name, which /proc shows as "/memfd:name (deleted)". Errors: no_memory.
    static Result<Ref<OpenFile>> create_unnamed(Inode& inode, std::string_view name, std::uint32_t flags);
    ~RegularFile() override;

    Result<std::uint64_t> seek(std::int64_t offset, Whence whence) override;
    Result<std::size_t> readable_bytes() override;
    Attributes attributes() const override { return inode_->attributes(); }
    Inode* inode() const override { return inode_.get(); }
    Ref<memory::MemoryObject> memory_object() override { return inode_->memory_object(); }
    std::size_t describe(std::span<char> to) const override;
    void descriptor_closed() override;
    Result<> sync() override { return inode_->sync(); }

protected:
    Result<std::size_t> do_read(std::uint64_t offset, Sink& to) override { return inode_->read(offset, to); }
    Result<std::size_t> do_write(std::uint64_t& offset, Source& from) override;

private:
    RegularFile(Inode& inode, std::uint32_t flags)
        : OpenFile(Positioning::seekable, flags), inode_(Ref<Inode>::share(&inode)) {}
    Ref<Inode> inode_;
    bool writes_ = false;  // counted in the inode
    char* name_ = nullptr; // of a file without a path
    std::size_t name_length_ = 0;
};

/// A place in the tree, good for *at() calls and fstat only.
class PathFile final : public OpenFile {
public:
    /// Errors: no_memory.
    static Result<Ref<OpenFile>> create(const Path& path);
    Result<std::uint64_t> seek(std::int64_t, Whence) override { return fail(Error::bad_descriptor); }

private:
    PathFile() : OpenFile(Positioning::stream, open_path) {}
};

} // namespace file
