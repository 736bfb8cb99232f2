#include "abi/linux/file_arguments.hpp"

#include "process/send.hpp"

#include <linux/stat.h>
#include <linux/uio.h>
#include <new>

namespace abi::linux {

Result<Ref<file::OpenFile>> usable_file(Descriptor descriptor) {
    auto opened = TRY(open_file(descriptor));
    if (opened->flags() & file::open_path)
        return fail(Error::bad_descriptor);
    return opened;
}

Result<Descriptor> add_descriptor(Ref<file::OpenFile> opened, bool close_on_exec, std::uint32_t lowest) {
    process::Process& self = process::current();
    std::uint64_t limit = self.limit(process::Resource::open_files).soft;
    auto capped = static_cast<std::uint32_t>(limit < file::FileTable::hard_limit ? limit : file::FileTable::hard_limit);
    return Descriptor{TRY(self.files->add(std::move(opened), close_on_exec, capped, lowest))};
}

Result<> PathText::read(memory::UserString path, bool allow_empty) {
    auto text = path.read(small_);
    if (!text && text.error() == Error::name_too_long) {
        large_ = new (std::nothrow) char[file::longest_path];
        if (!large_)
            return fail(Error::no_memory);
        text = path.read({large_, file::longest_path});
    }
    text_ = TRY(text);
    if (text_.empty() && !allow_empty)
        return fail(Error::not_found);
    return {};
}

Result<> PathArgument::read(Descriptor directory, memory::UserString path, bool allow_empty) {
    TRY(text_.read(path, allow_empty));
    if (directory.value == AT_FDCWD || text().starts_with('/'))
        return {};
    auto opened = TRY(open_file(directory));
    start_ = opened->path;
    if (!start_)
        return fail(Error::not_directory);
    return {};
}

Result<> SegmentList::read(UserAddr list, std::uint64_t count) {
    if (count > UIO_MAXIOV)
        return fail(Error::invalid_argument);
    if (count > inline_count) {
        large_ = new (std::nothrow) file::Segment[count];
        if (!large_)
            return fail(Error::no_memory);
        data_ = large_;
    }
    static_assert(sizeof(file::Segment) == sizeof(struct iovec));
    TRY(memory::copy_in(data_, list, count * sizeof(struct iovec)));
    count_ = count;
    std::size_t room = max_transfer;
    for (file::Segment& segment : std::span(data_, count_)) {
        if (static_cast<std::int64_t>(segment.bytes) < 0)
            return fail(Error::invalid_argument);
        if (!memory::is_user_range(segment.address, segment.bytes))
            return fail(Error::bad_address);
        segment.bytes = segment.bytes < room ? segment.bytes : room;
        room -= segment.bytes;
    }
    return {};
}

namespace {

struct FlagPair {
    std::uint32_t linux_bit;
    std::uint32_t bit;
};

constexpr FlagPair flag_pairs[] = {
    {O_APPEND, file::open_append},      {O_NONBLOCK, file::open_nonblock}, {O_CREAT, file::open_create},
    {O_EXCL, file::open_exclusive},     {O_TRUNC, file::open_truncate},    {O_DIRECTORY, file::open_directory},
    {O_NOFOLLOW, file::open_no_follow}, {O_PATH, file::open_path},         {O_NOCTTY, file::open_no_terminal},
    {O_SYNC, file::open_synchronous},   {O_DIRECT, file::open_direct},     {O_NOATIME, file::open_no_atime},
    {FASYNC, file::open_async},
};

} // namespace

std::uint32_t to_open_flags(std::uint32_t linux_flags) {
    std::uint32_t flags = 0;
    for (const FlagPair& pair : flag_pairs)
        if ((linux_flags & pair.linux_bit) == pair.linux_bit)
            flags |= pair.bit;
    // The value 3 allows neither, and is for ioctl only.
    std::uint32_t mode = linux_flags & O_ACCMODE;
    if (mode == O_RDONLY || mode == O_RDWR)
        flags |= file::open_read;
    if (mode == O_WRONLY || mode == O_RDWR)
        flags |= file::open_write;
    if (flags & file::open_path)
        flags &= file::open_path | file::open_directory | file::open_no_follow;
    if ((linux_flags & O_TMPFILE) == O_TMPFILE)
        flags |= file::open_temporary;
    return flags;
}

std::uint32_t from_open_flags(std::uint32_t flags) {
    constexpr std::uint32_t shown = file::open_append | file::open_nonblock | file::open_directory
                                    | file::open_no_follow | file::open_path | file::open_synchronous
                                    | file::open_direct | file::open_no_atime | file::open_async;
    std::uint32_t linux_flags = 0;
    for (const FlagPair& pair : flag_pairs)
        if (flags & shown & pair.bit)
            linux_flags |= pair.linux_bit;
    bool reads = flags & file::open_read;
    bool writes = flags & file::open_write;
    if (reads && writes)
        linux_flags |= O_RDWR;
    else if (writes)
        linux_flags |= O_WRONLY;
    return linux_flags;
}

std::uint32_t type_bits(file::Type type) {
    switch (type) {
    case file::Type::regular:
        return S_IFREG;
    case file::Type::directory:
        return S_IFDIR;
    case file::Type::symlink:
        return S_IFLNK;
    case file::Type::character_device:
        return S_IFCHR;
    case file::Type::block_device:
        return S_IFBLK;
    case file::Type::fifo:
        return S_IFIFO;
    case file::Type::socket:
        return S_IFSOCK;
    case file::Type::anonymous:
        return 0;
    }
    return 0;
}

Result<file::Type> to_type(std::uint32_t mode) {
    switch (mode & S_IFMT) {
    case 0:
    case S_IFREG:
        return file::Type::regular;
    case S_IFDIR:
        return file::Type::directory;
    case S_IFLNK:
        return file::Type::symlink;
    case S_IFCHR:
        return file::Type::character_device;
    case S_IFBLK:
        return file::Type::block_device;
    case S_IFIFO:
        return file::Type::fifo;
    case S_IFSOCK:
        return file::Type::socket;
    default:
        return fail(Error::invalid_argument);
    }
}

Result<std::size_t> finish_write(thread::Thread& thread, Result<std::size_t> result) {
    if (!result && result.error() == Error::broken_pipe) [[unlikely]] {
        process::SignalInfo info;
        info.signal = process::Signal::pipe;
        process::send(thread, info);
    }
    return result;
}

} // namespace abi::linux
