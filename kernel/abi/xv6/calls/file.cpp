#include "abi/xv6/calls/file.hpp"

#include "abi/xv6/limits.hpp"
#include "abi/xv6/path.hpp"
#include "file/operations.hpp"
#include "file/pipe.hpp"

#include <algorithm>

namespace abi::xv6 {
namespace {

// kernel/fcntl.h
constexpr std::uint32_t mode_write_only = 0x001, mode_read_write = 0x002, mode_create = 0x200, mode_truncate = 0x400;
/// xv6 has no permissions: new files may be executed like all others (as far as the umask lets them).
constexpr file::Mode new_file_mode = 0777;

Result<Ref<file::OpenFile>> open_file(Descriptor descriptor) {
    return process::current().files->get(descriptor.value);
}

Result<Descriptor> add_descriptor(Ref<file::OpenFile> opened) {
    return Descriptor{TRY(process::current().files->add(std::move(opened), false, max_files))};
}

/// A directory's entries as xv6 stores them (kernel/fs.h).
struct DirectoryEntry {
    std::uint16_t inode; // 0: free
    char name[max_name];
};
static_assert(sizeof(DirectoryEntry) == 16);

/// Directories are read as files of entries: as many whole ones as fit.
Result<std::int64_t> read_entries(file::OpenFile& directory, file::Sink& to) {
    std::int64_t done = 0;
    file::DirectoryItem item;
    while (to.remaining() >= sizeof(DirectoryEntry) && TRY(directory.read_directory(item))) {
        DirectoryEntry entry{};
        entry.inode = static_cast<std::uint16_t>(item.number);
        if (entry.inode == 0)
            entry.inode = 1; // 0 would say that nothing is there
        item.text().copy(entry.name, sizeof(entry.name));
        if (to.put(&entry, sizeof(entry)) != sizeof(entry))
            return fail(Error::bad_address);
        done += sizeof(entry);
    }
    return done;
}

/// What of a request reaches past the largest file, or begins behind the file's end, is an error in xv6.
Result<std::size_t> room_for(const file::OpenFile& opened, const file::Inode& inode, std::size_t bytes) {
    if (!inode.is_regular())
        return bytes;
    const std::uint64_t offset = opened.offset();
    if (offset > inode.attributes().size || offset > max_file_bytes)
        return fail(Error::file_too_large);
    return std::min<std::uint64_t>(bytes, max_file_bytes - offset);
}

} // namespace

Result<Descriptor> sys_open(memory::UserString path, Flags mode) {
    PathText text;
    TRY(text.read(path));
    std::uint32_t flags = file::open_no_terminal;
    if (!(mode.bits & mode_write_only))
        flags |= file::open_read;
    if (mode.bits & (mode_write_only | mode_read_write))
        flags |= file::open_write;
    if (mode.bits & mode_create)
        flags |= file::open_create;
    if (mode.bits & mode_truncate)
        flags |= file::open_truncate;
    if (text.text().empty() && (flags & file::open_create))
        return fail(Error::not_found);
    return add_descriptor(TRY(file::open(text.walk(), text.found(), flags, new_file_mode)));
}

Result<std::int64_t> sys_read(Descriptor descriptor, UserAddr buffer, std::int32_t bytes) {
    const auto opened = TRY(open_file(descriptor));
    if (!opened->can_read())
        return fail(Error::bad_descriptor);
    const bool stream = opened->positioning() == file::Positioning::stream;
    if (bytes < 0 && stream)
        return 0;
    // A file takes the count without its sign.
    file::Sink to(buffer, static_cast<std::uint32_t>(bytes));
    if (opened->inode() && opened->inode()->is_directory())
        return read_entries(*opened, to);
    const Result<std::size_t> done = opened->read(to);
    if (stream && !done && done.error() == Error::bad_address)
        return 0; // the bytes before the bad address: none
    if (to.faulted() && !stream)
        return fail(Error::bad_address);
    return static_cast<std::int64_t>(TRY(done));
}

Result<std::int64_t> sys_write(Descriptor descriptor, UserAddr buffer, std::int32_t bytes) {
    const auto opened = TRY(open_file(descriptor));
    if (!opened->can_write())
        return fail(Error::bad_descriptor);
    if (opened->positioning() == file::Positioning::stream) {
        file::Source from(buffer, static_cast<std::uint32_t>(std::max(bytes, 0)));
        const Result<std::size_t> done = opened->write(from);
        if (!done && done.error() == Error::bad_address)
            return 0; // the bytes before the bad address: none
        return static_cast<std::int64_t>(TRY(done));
    }
    if (bytes < 0)
        return fail(Error::invalid_argument);
    const auto wanted = static_cast<std::size_t>(bytes);
    const file::Inode* inode = opened->inode();
    const std::size_t room = inode ? TRY(room_for(*opened, *inode, wanted)) : wanted;
    file::Source from(buffer, room);
    // All or -1, though the first part may have been written.
    if (TRY(opened->write(from)) != wanted)
        return fail(Error::no_space);
    return static_cast<std::int64_t>(wanted);
}

Result<> sys_close(Descriptor descriptor) {
    return process::current().files->close(descriptor.value);
}

Result<Descriptor> sys_dup(Descriptor descriptor) {
    return add_descriptor(TRY(open_file(descriptor)));
}

Result<> sys_pipe(memory::UserPtr<std::int32_t> descriptors) {
    auto ends = TRY(file::create_pipe(0, pipe_bytes));
    file::FileTable& files = *process::current().files;
    const Descriptor reader = TRY(add_descriptor(std::move(ends.reader)));
    const auto writer = add_descriptor(std::move(ends.writer));
    if (!writer) {
        static_cast<void>(files.close(reader.value));
        return fail(writer.error());
    }
    const std::int32_t both[2] = {reader.value, writer->value};
    const Result<> copied = memory::copy_out(descriptors.address(), both, sizeof both);
    if (!copied) {
        static_cast<void>(files.close(reader.value));
        static_cast<void>(files.close(writer->value));
    }
    return copied;
}

Result<> sys_fstat(Descriptor descriptor, memory::UserPtr<Stat> stat) {
    constexpr std::int16_t type_directory = 1, type_file = 2, type_device = 3;
    const auto opened = TRY(open_file(descriptor));
    const file::Attributes attributes = opened->attributes();
    Stat result{
        .device = static_cast<std::int32_t>(attributes.file_system.major << 8 | attributes.file_system.minor),
        .inode = static_cast<std::uint32_t>(attributes.number),
        .type = 0,
        .links = static_cast<std::int16_t>(attributes.links),
        .padding = 0,
        .size = attributes.size,
    };
    switch (attributes.type) {
    case file::Type::directory:
        result.type = type_directory;
        break;
    case file::Type::regular:
        result.type = type_file;
        break;
    case file::Type::character_device:
    case file::Type::block_device:
        result.type = type_device;
        break;
    default: // pipes and what xv6 does not have
        return fail(Error::bad_descriptor);
    }
    return stat.write(result);
}

} // namespace abi::xv6
