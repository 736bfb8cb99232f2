#include "abi/linux/calls/file.hpp"

#include "abi/linux/file_arguments.hpp"

#include <linux/fadvise.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <new>

namespace abi::linux {

Result<Descriptor> sys_openat(Descriptor directory, memory::UserString path, Flags flags, FileMode mode) {
    PathArgument argument;
    TRY(argument.read(directory, path));
    std::uint32_t wanted = to_open_flags(flags.bits);
    auto opened = TRY(file::open(argument.walk(), argument.text(), wanted, static_cast<file::Mode>(mode.bits & 07777)));
    return add_descriptor(std::move(opened), flags.bits & O_CLOEXEC);
}

// Reading and writing

namespace {

constexpr std::size_t cut(std::size_t bytes) {
    return bytes < max_transfer ? bytes : max_transfer;
}

Result<> check_range(UserAddr address, std::size_t bytes) {
    return memory::is_user_range(address.value, bytes) ? Result<>{} : fail(Error::bad_address);
}

Result<Ref<file::OpenFile>> readable(Descriptor descriptor) {
    auto opened = TRY(open_file(descriptor));
    if (!opened->can_read())
        return fail(Error::bad_descriptor);
    return opened;
}

Result<Ref<file::OpenFile>> writable(Descriptor descriptor) {
    auto opened = TRY(open_file(descriptor));
    if (!opened->can_write())
        return fail(Error::bad_descriptor);
    return opened;
}

/// Flags of preadv2 that ask for nothing more than what happens anyway.
constexpr std::uint32_t harmless_rw_flags = RWF_HIPRI | RWF_DSYNC | RWF_SYNC;

} // namespace

Result<std::size_t> sys_read(thread::Thread&, Descriptor descriptor, memory::UserBytes buffer) {
    auto opened = TRY(readable(descriptor));
    TRY(check_range(buffer.address(), buffer.size()));
    file::Sink sink(buffer.address(), cut(buffer.size()));
    return opened->read(sink);
}

Result<std::size_t> sys_write(thread::Thread& thread, Descriptor descriptor, memory::ConstUserBytes buffer) {
    auto opened = TRY(writable(descriptor));
    TRY(check_range(buffer.address(), buffer.size()));
    file::Source source(buffer.address(), cut(buffer.size()));
    return finish_write(thread, opened->write(source));
}

Result<std::size_t> sys_readv(Descriptor descriptor, UserAddr list, std::uint64_t count) {
    auto opened = TRY(readable(descriptor));
    SegmentList segments;
    TRY(segments.read(list, count));
    file::Sink sink(segments.segments());
    return opened->read(sink);
}

Result<std::size_t> sys_writev(thread::Thread& thread, Descriptor descriptor, UserAddr list, std::uint64_t count) {
    auto opened = TRY(writable(descriptor));
    SegmentList segments;
    TRY(segments.read(list, count));
    file::Source source(segments.segments());
    return finish_write(thread, opened->write(source));
}

Result<std::size_t> sys_pread64(Descriptor descriptor, memory::UserBytes buffer, FileOffset offset) {
    if (offset.value < 0)
        return fail(Error::invalid_argument);
    auto opened = TRY(open_file(descriptor));
    if (opened->positioning() == file::Positioning::stream)
        return fail(opened->flags() & file::open_path ? Error::bad_descriptor : Error::not_seekable);
    if (!opened->can_read())
        return fail(Error::bad_descriptor);
    TRY(check_range(buffer.address(), buffer.size()));
    file::Sink sink(buffer.address(), cut(buffer.size()));
    return opened->read_at(offset.value, sink);
}

Result<std::size_t>
sys_pwrite64(thread::Thread& thread, Descriptor descriptor, memory::ConstUserBytes buffer, FileOffset offset) {
    if (offset.value < 0)
        return fail(Error::invalid_argument);
    auto opened = TRY(open_file(descriptor));
    if (opened->positioning() == file::Positioning::stream)
        return fail(opened->flags() & file::open_path ? Error::bad_descriptor : Error::not_seekable);
    if (!opened->can_write())
        return fail(Error::bad_descriptor);
    TRY(check_range(buffer.address(), buffer.size()));
    file::Source source(buffer.address(), cut(buffer.size()));
    return finish_write(thread, opened->write_at(offset.value, source));
}

Result<std::size_t> sys_preadv(Descriptor descriptor, UserAddr list, std::uint64_t count, FileOffset offset) {
    if (offset.value < 0)
        return fail(Error::invalid_argument);
    auto opened = TRY(open_file(descriptor));
    if (opened->positioning() == file::Positioning::stream)
        return fail(opened->flags() & file::open_path ? Error::bad_descriptor : Error::not_seekable);
    SegmentList segments;
    TRY(segments.read(list, count));
    file::Sink sink(segments.segments());
    return opened->read_at(offset.value, sink);
}

Result<std::size_t>
sys_pwritev(thread::Thread& thread, Descriptor descriptor, UserAddr list, std::uint64_t count, FileOffset offset) {
    if (offset.value < 0)
        return fail(Error::invalid_argument);
    auto opened = TRY(open_file(descriptor));
    if (opened->positioning() == file::Positioning::stream)
        return fail(opened->flags() & file::open_path ? Error::bad_descriptor : Error::not_seekable);
    SegmentList segments;
    TRY(segments.read(list, count));
    file::Source source(segments.segments());
    return finish_write(thread, opened->write_at(offset.value, source));
}

Result<std::size_t>
sys_preadv2(Descriptor descriptor, UserAddr list, std::uint64_t count, FileOffset offset, std::uint64_t, Flags flags) {
    if (flags.bits & ~harmless_rw_flags)
        return fail(Error::not_supported);
    return offset.value == -1 ? sys_readv(descriptor, list, count) : sys_preadv(descriptor, list, count, offset);
}

Result<std::size_t> sys_pwritev2(
    thread::Thread& thread, Descriptor descriptor, UserAddr list, std::uint64_t count, FileOffset offset, std::uint64_t,
    Flags flags) {
    if (flags.bits & ~harmless_rw_flags)
        return fail(Error::not_supported);
    return offset.value == -1 ? sys_writev(thread, descriptor, list, count)
                              : sys_pwritev(thread, descriptor, list, count, offset);
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

// Nothing is kept back from a medium: what was written is there.

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

// Copies inside the kernel

namespace {

/// Moves bytes between two open files through a kernel buffer. Null offsets mean the files' own.
Result<std::size_t> copy_between(
    file::OpenFile& from, std::int64_t* from_offset, file::OpenFile& to, std::int64_t* to_offset, std::size_t count) {
    constexpr std::size_t step = 16 * 1024;
    auto* buffer = new (std::nothrow) std::byte[step];
    if (!buffer)
        return fail(Error::no_memory);
    struct Free {
        std::byte* memory;
        ~Free() { delete[] memory; }
    } free_buffer{buffer};
    std::size_t done = 0;
    while (done < count && !(done && thread::interrupted())) {
        file::Sink sink(std::span(buffer, count - done < step ? count - done : step));
        auto got = from_offset ? from.read_at(*from_offset, sink) : from.read(sink);
        if (!got || *got == 0)
            return done || got ? Result<std::size_t>(done) : got;
        std::size_t written = 0;
        Result<std::size_t> put = std::size_t{0};
        while (written < *got) {
            file::Source source(std::span<const std::byte>(buffer + written, *got - written));
            put = to_offset ? to.write_at(*to_offset, source) : to.write(source);
            if (!put || *put == 0)
                break;
            written += *put;
            if (to_offset)
                *to_offset += static_cast<std::int64_t>(*put);
        }
        if (from_offset)
            *from_offset += static_cast<std::int64_t>(written);
        else if (written < *got && from.positioning() == file::Positioning::seekable)
            (void)from.seek(-static_cast<std::int64_t>(*got - written), file::Whence::current);
        done += written;
        if (written < *got)
            return done ? Result<std::size_t>(done) : put;
    }
    return done;
}

} // namespace

Result<std::size_t> sys_sendfile(
    thread::Thread& thread, Descriptor to, Descriptor from, memory::UserPtr<std::int64_t> offset, std::uint64_t count) {
    std::int64_t start = 0;
    if (offset)
        start = TRY(offset.read());
    auto source = TRY(readable(from));
    auto target = TRY(writable(to));
    // As on Linux, only from what has positions: a terminal's end of input must reach the reader, not end one round
    // here.
    if (source->positioning() == file::Positioning::stream)
        return fail(offset ? Error::not_seekable : Error::invalid_argument);
    if (start < 0 || (target->flags() & file::open_append))
        return fail(Error::invalid_argument);
    auto done = finish_write(thread, copy_between(*source, offset ? &start : nullptr, *target, nullptr, cut(count)));
    if (done && offset)
        TRY(offset.write(start));
    return done;
}

Result<std::size_t> sys_copy_file_range(
    thread::Thread& thread, Descriptor from, memory::UserPtr<std::int64_t> from_offset, Descriptor to,
    memory::UserPtr<std::int64_t> to_offset, std::uint64_t count, Flags flags) {
    auto source = TRY(readable(from));
    auto target = TRY(writable(to));
    std::int64_t from_start = 0, to_start = 0;
    if (from_offset)
        from_start = TRY(from_offset.read());
    if (to_offset)
        to_start = TRY(to_offset.read());
    if (flags.bits != 0 || from_start < 0 || to_start < 0)
        return fail(Error::invalid_argument);
    file::Inode* in = source->inode();
    file::Inode* out = target->inode();
    if ((in && in->is_directory()) || (out && out->is_directory()))
        return fail(Error::is_directory);
    if (!in || !out || !in->is_regular() || !out->is_regular())
        return fail(Error::invalid_argument);
    if (target->flags() & file::open_append)
        return fail(Error::bad_descriptor);
    if (in == out) {
        std::uint64_t a = from_offset ? static_cast<std::uint64_t>(from_start) : source->offset();
        std::uint64_t b = to_offset ? static_cast<std::uint64_t>(to_start) : target->offset();
        if (a < b + count && b < a + count)
            return fail(Error::invalid_argument);
    }
    if (count == 0)
        return std::size_t{0}; // the offsets are not stored
    auto done = finish_write(
        thread,
        copy_between(
            *source, from_offset ? &from_start : nullptr, *target, to_offset ? &to_start : nullptr, cut(count)));
    if (done && *done > 0 && from_offset)
        TRY(from_offset.write(from_start));
    if (done && *done > 0 && to_offset)
        TRY(to_offset.write(to_start));
    return done;
}

} // namespace abi::linux
