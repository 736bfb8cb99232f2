#include "abi/linux/calls/descriptor.hpp"

#include "abi/linux/calls/terminal.hpp"
#include "abi/linux/file_arguments.hpp"
#include "device/block_device.hpp"
#include "file/memory_file.hpp"
#include "file/pipe.hpp"
#include "file/record_lock.hpp"

#include <asm/ioctls.h>
#include <linux/close_range.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/memfd.h>

namespace abi::linux {

namespace {

std::uint32_t descriptor_limit() {
    std::uint64_t limit = process::current().limit(process::Resource::open_files).soft;
    return static_cast<std::uint32_t>(limit < file::FileTable::hard_limit ? limit : file::FileTable::hard_limit);
}

// flock(2)'s operations, which <asm-generic/fcntl.h> calls by the names of the library's header.
constexpr std::uint32_t lock_kinds = LOCK_SH | LOCK_EX | LOCK_UN;

} // namespace

Result<> sys_close(Descriptor descriptor) {
    return process::current().files->close(descriptor.value);
}

Result<> sys_close_range(std::uint32_t first, std::uint32_t last, Flags flags) {
    constexpr std::uint32_t known = CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC;
    if ((flags.bits & ~known) || first > last)
        return fail(Error::invalid_argument);
    process::Process& self = process::current();
    if ((flags.bits & CLOSE_RANGE_UNSHARE) && self.files->reference_count() > 1) {
        Ref<file::FileTable> own = TRY(self.files->clone());
        SpinlockGuard guard(self.lock);
        std::swap(self.files, own);
    }
    self.files->close_range(first, last, flags.bits & CLOSE_RANGE_CLOEXEC);
    return {};
}

Result<Descriptor> sys_dup(Descriptor descriptor) {
    return add_descriptor(TRY(open_file(descriptor)), false);
}

Result<Descriptor> sys_dup3(Descriptor from, Descriptor to, Flags flags) {
    if (flags.bits & ~std::uint32_t{O_CLOEXEC})
        return fail(Error::invalid_argument);
    if (from.value == to.value)
        return fail(Error::invalid_argument);
    std::uint32_t limit = descriptor_limit();
    if (static_cast<std::uint32_t>(to.value) >= limit)
        return fail(Error::bad_descriptor);
    auto opened = TRY(open_file(from));
    TRY(process::current().files->replace(to.value, std::move(opened), flags.bits & O_CLOEXEC, limit));
    return to;
}

// fcntl

namespace {

Result<std::int64_t> set_status_flags(file::OpenFile& opened, std::uint32_t linux_flags) {
    opened.set_status_flags(to_open_flags(linux_flags & ~std::uint32_t{O_ACCMODE}));
    return 0;
}

Result<std::int64_t> duplicate(Ref<file::OpenFile> opened, std::uint64_t lowest, bool close_on_exec) {
    if (lowest >= descriptor_limit())
        return fail(Error::invalid_argument);
    Descriptor made = TRY(add_descriptor(std::move(opened), close_on_exec, static_cast<std::uint32_t>(lowest)));
    return made.value;
}

Result<file::LockRange> to_range(const struct flock& lock, file::OpenFile& opened) {
    std::int64_t base = 0;
    if (lock.l_whence == SEEK_CUR)
        base = static_cast<std::int64_t>(opened.offset());
    else if (lock.l_whence == SEEK_END)
        base = static_cast<std::int64_t>(opened.attributes().size);
    else if (lock.l_whence != SEEK_SET)
        return fail(Error::invalid_argument);
    std::int64_t start;
    if (__builtin_add_overflow(base, lock.l_start, &start))
        return fail(Error::overflow);
    std::int64_t end = lock.l_len;
    if (lock.l_len == 0)
        end = INT64_MAX;
    else if (__builtin_add_overflow(start, lock.l_len, &end))
        return fail(Error::overflow);
    if (lock.l_len < 0)
        std::swap(start, end);
    if (start < 0)
        return fail(Error::invalid_argument);
    return file::LockRange{static_cast<std::uint64_t>(start), static_cast<std::uint64_t>(end)};
}

Result<file::LockKind> to_lock_kind(std::int16_t type) {
    switch (type) {
    case F_RDLCK:
        return file::LockKind::shared;
    case F_WRLCK:
        return file::LockKind::exclusive;
    case F_UNLCK:
        return file::LockKind::none;
    default:
        return fail(Error::invalid_argument);
    }
}

Result<std::int64_t> record_lock(file::OpenFile& opened, std::uint32_t command, UserAddr argument, bool by_file) {
    memory::UserPtr<struct flock> user(argument);
    struct flock lock = TRY(user.read());
    file::LockKind kind = TRY(to_lock_kind(lock.l_type));
    file::LockRange range = TRY(to_range(lock, opened));
    if (by_file && lock.l_pid != 0)
        return fail(Error::invalid_argument);
    file::Inode* inode = opened.inode();
    if (!inode)
        return fail(Error::bad_descriptor);
    file::LockOwner owner{process::current().id, by_file ? &opened : nullptr};
    if (command == F_GETLK || command == F_OFD_GETLK) {
        if (kind == file::LockKind::none)
            return fail(Error::invalid_argument);
        auto found = file::find_conflict(*inode, owner, kind, range);
        lock.l_type = F_UNLCK;
        if (found) {
            lock.l_type = found->kind == file::LockKind::shared ? F_RDLCK : F_WRLCK;
            lock.l_whence = SEEK_SET;
            lock.l_start = static_cast<__kernel_off_t>(found->range.start);
            lock.l_len =
                found->range.end == INT64_MAX ? 0 : static_cast<__kernel_off_t>(found->range.end - found->range.start);
            lock.l_pid = found->owner.open_file ? -1 : found->owner.process;
        }
        TRY(user.write(lock));
        return 0;
    }
    if ((kind == file::LockKind::shared && !opened.can_read())
        || (kind == file::LockKind::exclusive && !opened.can_write()))
        return fail(Error::bad_descriptor);
    bool waits = command == F_SETLKW || command == F_OFD_SETLKW;
    TRY(file::set_lock(*inode, owner, kind, range, waits));
    return 0;
}

Result<std::int64_t> pipe_size(file::OpenFile& opened, std::uint32_t command, std::uint64_t argument) {
    file::Pipe* pipe = opened.pipe();
    if (!pipe)
        return fail(Error::bad_descriptor);
    if (command == F_GETPIPE_SZ)
        return static_cast<std::int64_t>(pipe->capacity());
    if (argument > INT32_MAX)
        return fail(Error::invalid_argument);
    return static_cast<std::int64_t>(TRY(pipe->set_capacity(static_cast<std::size_t>(argument))));
}

/// Commands that also files opened with O_PATH take.
bool works_on_paths(std::uint32_t command) {
    return command == F_DUPFD || command == F_DUPFD_CLOEXEC || command == F_GETFD || command == F_SETFD
           || command == F_GETFL;
}

} // namespace

Result<std::int64_t> sys_fcntl(Descriptor descriptor, std::uint32_t command, std::uint64_t argument) {
    auto opened = TRY(open_file(descriptor));
    if ((opened->flags() & file::open_path) && !works_on_paths(command))
        return fail(Error::bad_descriptor);
    file::FileTable& files = *process::current().files;
    switch (command) {
    case F_DUPFD:
        return duplicate(std::move(opened), argument, false);
    case F_DUPFD_CLOEXEC:
        return duplicate(std::move(opened), argument, true);
    case F_GETFD:
        return TRY(files.is_close_on_exec(descriptor.value)) ? FD_CLOEXEC : 0;
    case F_SETFD:
        TRY(files.set_close_on_exec(descriptor.value, argument & FD_CLOEXEC));
        return 0;
    case F_GETFL:
        return from_open_flags(opened->flags());
    case F_SETFL:
        return set_status_flags(*opened, static_cast<std::uint32_t>(argument));
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW:
        return record_lock(*opened, command, {argument}, false);
    case F_OFD_GETLK:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
        return record_lock(*opened, command, {argument}, true);
    case F_GETPIPE_SZ:
    case F_SETPIPE_SZ:
        return pipe_size(*opened, command, argument);
    default:
        return fail(Error::invalid_argument);
    }
}

Result<> sys_flock(Descriptor descriptor, std::uint32_t operation) {
    auto opened = TRY(usable_file(descriptor));
    std::uint32_t kind = operation & lock_kinds;
    if (operation & ~(lock_kinds | LOCK_NB))
        return fail(Error::invalid_argument);
    if (kind != LOCK_SH && kind != LOCK_EX && kind != LOCK_UN)
        return fail(Error::invalid_argument);
    file::Inode* inode = opened->inode();
    if (!inode)
        return {};
    file::LockKind wanted = kind == LOCK_SH   ? file::LockKind::shared
                            : kind == LOCK_EX ? file::LockKind::exclusive
                                              : file::LockKind::none;
    return file::set_whole_lock(*inode, *opened, wanted, !(operation & LOCK_NB));
}

// ioctl

namespace {

/// Sizes of a disk, in the words of linux/fs.h.
Result<std::int64_t> disk_ioctl(device::BlockDevice& disk, std::uint32_t command, UserAddr argument) {
    switch (command) {
    case BLKGETSIZE64:
        TRY(memory::UserPtr<std::uint64_t>(argument).write(disk.sectors() * device::sector_bytes));
        return 0;
    case BLKGETSIZE: // in 512 bytes, whatever the sector is
        TRY(memory::UserPtr<unsigned long>(argument).write(disk.sectors()));
        return 0;
    case BLKSSZGET:
        TRY(memory::UserPtr<std::int32_t>(argument).write(std::int32_t{device::sector_bytes}));
        return 0;
    case BLKROGET:
        TRY(memory::UserPtr<std::int32_t>(argument).write(std::int32_t{disk.is_read_only()}));
        return 0;
    case BLKFLSBUF: // nothing is kept
        return 0;
    default:
        return fail(Error::not_tty);
    }
}

} // namespace

Result<std::int64_t> sys_ioctl(Descriptor descriptor, std::uint32_t command, std::uint64_t argument) {
    auto opened = TRY(usable_file(descriptor));
    file::FileTable& files = *process::current().files;
    switch (command) {
    case FIOCLEX:
    case FIONCLEX:
        TRY(files.set_close_on_exec(descriptor.value, command == FIOCLEX));
        return 0;
    case FIONBIO: {
        std::int32_t on = TRY(memory::UserPtr<const std::int32_t>({argument}).read());
        std::uint32_t flags = opened->flags() & ~std::uint32_t{file::open_nonblock};
        opened->set_status_flags(on ? flags | file::open_nonblock : flags);
        return 0;
    }
    case FIONREAD: {
        auto bytes = opened->readable_bytes();
        if (!bytes)
            return fail(Error::not_tty);
        auto count = static_cast<std::int32_t>(*bytes < INT32_MAX ? *bytes : INT32_MAX);
        TRY(memory::UserPtr<std::int32_t>({argument}).write(count));
        return 0;
    }
    default:
        if (terminal::Terminal* terminal = opened->terminal())
            return terminal_ioctl(*terminal, *opened, command, argument);
        if (device::BlockDevice* disk = opened->disk())
            return disk_ioctl(*disk, command, {argument});
        return fail(Error::not_tty);
    }
}

// Files without a name

Result<> sys_pipe2(memory::UserPtr<std::int32_t> descriptors, Flags flags) {
    constexpr std::uint32_t known = O_CLOEXEC | O_NONBLOCK | O_DIRECT;
    if (flags.bits & ~known)
        return fail(Error::invalid_argument);
    auto ends = TRY(file::create_pipe(to_open_flags(flags.bits) & (file::open_nonblock | file::open_direct)));
    bool close_on_exec = flags.bits & O_CLOEXEC;
    file::FileTable& files = *process::current().files;
    Descriptor reader = TRY(add_descriptor(std::move(ends.reader), close_on_exec));
    auto writer = add_descriptor(std::move(ends.writer), close_on_exec);
    if (!writer) {
        (void)files.close(reader.value);
        return fail(writer.error());
    }
    const std::int32_t both[2] = {reader.value, writer->value};
    auto copied = memory::copy_out(descriptors.address(), both, sizeof both);
    if (!copied) {
        (void)files.close(reader.value);
        (void)files.close(writer->value);
    }
    return copied;
}

Result<Descriptor> sys_memfd_create(memory::UserString name, Flags flags) {
    constexpr std::uint32_t known = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    constexpr std::size_t longest = 250; // NAME_MAX less "memfd:"
    if (flags.bits & ~known)
        return fail(Error::invalid_argument);
    char buffer[longest];
    auto text = name.read(buffer);
    if (!text)
        return fail(text.error() == Error::name_too_long ? Error::invalid_argument : text.error());
    auto opened = TRY(file::create_memory_file(*text));
    return add_descriptor(std::move(opened), flags.bits & MFD_CLOEXEC);
}

} // namespace abi::linux
