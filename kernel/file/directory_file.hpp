#pragma once
// Open directories. Positions: 0 and 1 are the dots; then what the directory makes of them.

#include "file/open_file.hpp"

namespace file {

class DirectoryFile final : public OpenFile {
public:
    /// Errors: no_memory.
    static Result<Ref<OpenFile>> create(const Path& path, std::uint32_t flags);
    Result<bool> read_directory(DirectoryItem& item) override;
    Result<std::uint64_t> seek(std::int64_t offset, Whence whence) override;
    Result<> sync() override { return path.inode().sync(); }

protected:
    Result<std::size_t> do_read(std::uint64_t, Sink&) override { return fail(Error::is_directory); }

private:
    explicit DirectoryFile(std::uint32_t flags) : OpenFile(Positioning::seekable, flags) {}
    Result<bool> item_at(std::uint64_t position, DirectoryItem& item) REQUIRES(offset_lock_);
    Entry* entry_at(std::uint64_t position) REQUIRES(offset_lock_, tree_lock());

    Ref<Entry> last_ GUARDED_BY(offset_lock_); // what was listed last: the next one is found without a search
};

} // namespace file
