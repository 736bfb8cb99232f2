#include "file/regular_file.hpp"

#include "file/operations.hpp"
#include "file/record_lock.hpp"
#include "lib/format.hpp"
#include "process/process.hpp"

#include <cstring>

#include <new>

namespace file {

Result<Ref<OpenFile>> RegularFile::create(Inode& inode, const Path& path, std::uint32_t flags) {
    auto* made = new (std::nothrow) RegularFile(inode, flags);
    if (!made)
        return fail(Error::no_memory);
    auto opened = Ref<RegularFile>::adopt(made);
    if (flags & open_write) {
        TRY(inode.begin_write_access());
        opened->writes_ = true;
    }
    opened->path = path;
    return Ref<OpenFile>(std::move(opened));
}

Result<Ref<OpenFile>> RegularFile::create_unnamed(Inode& inode, std::string_view name, std::uint32_t flags) {
    auto opened = TRY(create(inode, {}, flags));
    auto& made = static_cast<RegularFile&>(*opened);
    made.name_ = new (std::nothrow) char[name.size() + 1];
    if (!made.name_)
        return fail(Error::no_memory);
    name.copy(made.name_, name.size());
    made.name_length_ = name.size();
    return opened;
}

void RegularFile::descriptor_closed() {
    if (process::Process* self = thread::current().process)
        drop_process_locks(*inode_, self->id);
}

RegularFile::~RegularFile() {
    drop_file_locks(*inode_, *this);
    delete[] name_;
    if (writes_)
        inode_->end_write_access();
}

Result<std::size_t> RegularFile::do_write(std::uint64_t& offset, Source& from) {
    if (process::Process* self = thread::current().process) {
        std::uint64_t limit = self->limit(process::Resource::file_size).soft;
        if (limit != process::Limit::unlimited) [[unlikely]] {
            std::uint64_t at = flags() & open_append ? inode_->attributes().size : offset;
            if (at >= limit && from.remaining())
                return check_file_limit(at + 1).transform([] { return std::size_t{0}; });
            from.limit(limit - at);
        }
    }
    std::size_t done = TRY(inode_->write(offset, from, flags() & open_append));
    if (flags() & open_synchronous) [[unlikely]]
        TRY(inode_->sync());
    return done;
}

Result<std::size_t> RegularFile::readable_bytes() {
    std::uint64_t size = inode_->attributes().size;
    std::uint64_t at = offset();
    return at < size ? static_cast<std::size_t>(size - at) : 0;
}

Result<std::uint64_t> RegularFile::seek(std::int64_t offset, Whence whence) {
    if (whence != Whence::data && whence != Whence::hole)
        return OpenFile::seek(offset, whence);
    if (offset < 0)
        return fail(Error::out_of_range);
    std::uint64_t found = TRY(inode_->find_data(static_cast<std::uint64_t>(offset), whence == Whence::hole));
    set_offset(found);
    return found;
}

std::size_t RegularFile::describe(std::span<char> to) const {
    return path ? 0 : format::print(to, "/memfd:{} (deleted)", std::string_view(name_, name_length_));
}

Result<Ref<OpenFile>> PathFile::create(const Path& path) {
    auto* made = new (std::nothrow) PathFile;
    if (!made)
        return fail(Error::no_memory);
    made->path = path;
    return Ref<OpenFile>::adopt(made);
}

} // namespace file
