// Bytes between files and memory, and between files.

#include "abi/linux/calls/file.hpp"
#include "abi/linux/file_arguments.hpp"

#include <linux/fs.h>
#include <new>

namespace abi::linux {

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

/// The file of a call that names its own offset.
Result<Ref<file::OpenFile>> positioned(Descriptor descriptor, FileOffset offset) {
    if (offset.value < 0)
        return fail(Error::invalid_argument);
    auto opened = TRY(open_file(descriptor));
    if (opened->positioning() == file::Positioning::stream)
        return fail(opened->flags() & file::open_path ? Error::bad_descriptor : Error::not_seekable);
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
    auto opened = TRY(positioned(descriptor, offset));
    if (!opened->can_read())
        return fail(Error::bad_descriptor);
    TRY(check_range(buffer.address(), buffer.size()));
    file::Sink sink(buffer.address(), cut(buffer.size()));
    return opened->read_at(offset.value, sink);
}

Result<std::size_t>
sys_pwrite64(thread::Thread& thread, Descriptor descriptor, memory::ConstUserBytes buffer, FileOffset offset) {
    auto opened = TRY(positioned(descriptor, offset));
    if (!opened->can_write())
        return fail(Error::bad_descriptor);
    TRY(check_range(buffer.address(), buffer.size()));
    file::Source source(buffer.address(), cut(buffer.size()));
    return finish_write(thread, opened->write_at(offset.value, source));
}

Result<std::size_t> sys_preadv(Descriptor descriptor, UserAddr list, std::uint64_t count, FileOffset offset) {
    auto opened = TRY(positioned(descriptor, offset));
    SegmentList segments;
    TRY(segments.read(list, count));
    file::Sink sink(segments.segments());
    return opened->read_at(offset.value, sink);
}

Result<std::size_t>
sys_pwritev(thread::Thread& thread, Descriptor descriptor, UserAddr list, std::uint64_t count, FileOffset offset) {
    auto opened = TRY(positioned(descriptor, offset));
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
        const std::uint64_t a = from_offset ? static_cast<std::uint64_t>(from_start) : source->offset();
        const std::uint64_t b = to_offset ? static_cast<std::uint64_t>(to_start) : target->offset();
        if ((a < b ? b - a : a - b) < count) // the ranges overlap
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
