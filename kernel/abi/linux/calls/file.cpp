#include "abi/linux/calls/file.hpp"

#include "abi/linux/file_arguments.hpp"
#include "file/write_back.hpp"

#include <linux/fadvise.h>
#include <linux/falloc.h>
#include <linux/fs.h>

namespace abi::linux {

Result<Descriptor> sys_openat(Descriptor directory, memory::UserString path, Flags flags, FileMode mode) {
    PathArgument argument;
    TRY(argument.read(directory, path));
    std::uint32_t wanted = to_open_flags(flags.bits);
    auto opened = TRY(file::open(argument.walk(), argument.text(), wanted, static_cast<file::Mode>(mode.bits & 07777)));
    return add_descriptor(std::move(opened), flags.bits & O_CLOEXEC);
}

Result<std::uint64_t> sys_lseek(Descriptor descriptor, FileOffset offset, std::uint32_t whence) {
    auto opened = TRY(usable_file(descriptor));
    switch (whence) {
    case SEEK_SET:
        return opened->seek(offset.value, file::Whence::start);
    case SEEK_CUR:
        return opened->seek(offset.value, file::Whence::current);
    case SEEK_END:
        return opened->seek(offset.value, file::Whence::end);
    case SEEK_DATA:
    case SEEK_HOLE: {
        auto found = opened->seek(offset.value, whence == SEEK_DATA ? file::Whence::data : file::Whence::hole);
        if (!found && found.error() == Error::out_of_range)
            return fail(Error::no_device); // ENXIO: nothing there
        return found;
    }
    default:
        return fail(Error::invalid_argument);
    }
}

// Size

Result<> sys_truncate(memory::UserString path, FileOffset length) {
    if (length.value < 0)
        return fail(Error::invalid_argument);
    PathArgument argument;
    TRY(argument.read(path));
    return file::truncate(TRY(argument.look_up(true)), static_cast<std::uint64_t>(length.value), argument.who());
}

Result<> sys_ftruncate(Descriptor descriptor, FileOffset length) {
    if (length.value < 0)
        return fail(Error::invalid_argument);
    auto opened = TRY(usable_file(descriptor));
    return file::truncate(*opened, static_cast<std::uint64_t>(length.value));
}

Result<> sys_fallocate(Descriptor descriptor, Flags mode, FileOffset offset, FileOffset length) {
    auto opened = TRY(usable_file(descriptor));
    if (offset.value < 0 || length.value <= 0)
        return fail(Error::invalid_argument);
    constexpr std::uint32_t known = FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE;
    if (mode.bits & ~known)
        return fail(Error::not_supported);
    if (mode.bits == FALLOC_FL_PUNCH_HOLE)
        return fail(Error::not_supported);
    if (!opened->can_write())
        return fail(Error::bad_descriptor);
    file::Inode* inode = opened->inode();
    if (!inode || inode->type() == file::Type::fifo)
        return fail(Error::not_seekable);
    if (inode->is_directory())
        return fail(Error::is_directory);
    std::int64_t end;
    if (__builtin_add_overflow(offset.value, length.value, &end))
        return fail(Error::file_too_large);
    auto start = static_cast<std::uint64_t>(offset.value);
    auto bytes = static_cast<std::uint64_t>(length.value);
    if (mode.bits & FALLOC_FL_PUNCH_HOLE)
        return inode->punch_hole(start, bytes);
    return inode->allocate(start, bytes, mode.bits & FALLOC_FL_KEEP_SIZE);
}

// File systems in memory keep nothing back; one on a disk writes what it has.

Result<> sys_fsync(Descriptor descriptor) {
    auto opened = TRY(usable_file(descriptor));
    file::Inode* inode = opened->inode();
    if (!inode || inode->type() == file::Type::fifo || inode->type() == file::Type::character_device)
        return fail(Error::invalid_argument);
    return opened->sync();
}

Result<> sys_fdatasync(Descriptor descriptor) {
    return sys_fsync(descriptor);
}

Result<> sys_syncfs(Descriptor descriptor) {
    auto opened = TRY(usable_file(descriptor));
    file::Inode* inode = opened->inode();
    return inode ? inode->file_system().sync() : Result<>{};
}

Result<> sys_sync() {
    (void)file::sync_all(); // sync(2) has no way to say what failed
    return {};
}

Result<> sys_sync_file_range(Descriptor descriptor, FileOffset offset, FileOffset bytes, Flags flags) {
    constexpr std::uint32_t known = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    auto opened = TRY(usable_file(descriptor));
    std::int64_t end;
    if ((flags.bits & ~known) || offset.value < 0 || bytes.value < 0
        || __builtin_add_overflow(offset.value, bytes.value, &end))
        return fail(Error::invalid_argument);
    if (opened->positioning() == file::Positioning::stream)
        return fail(Error::not_seekable);
    return {};
}

Result<> sys_fadvise64(Descriptor descriptor, FileOffset, FileOffset length, std::int32_t advice) {
    auto opened = TRY(usable_file(descriptor));
    if (opened->pipe())
        return fail(Error::not_seekable);
    if (length.value < 0 || advice < POSIX_FADV_NORMAL || advice > POSIX_FADV_NOREUSE)
        return fail(Error::invalid_argument);
    return {};
}

Result<> sys_readahead(Descriptor descriptor, FileOffset, std::uint64_t) {
    auto opened = TRY(open_file(descriptor));
    if (!opened->can_read())
        return fail(Error::bad_descriptor);
    file::Inode* inode = opened->inode();
    if (!inode || !inode->is_regular())
        return fail(Error::invalid_argument);
    return {};
}

} // namespace abi::linux
