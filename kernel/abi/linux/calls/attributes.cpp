#include "abi/linux/calls/attributes.hpp"

#include "abi/linux/file_arguments.hpp"
#include "abi/linux/time_values.hpp"

#include <linux/fcntl.h>

namespace abi::linux {

// Reading

namespace {

constexpr std::int64_t second = 1'000'000'000;

std::int64_t seconds_of(file::Timestamp time) {
    return time / second - (time % second < 0);
}
std::int64_t rest_of(file::Timestamp time) {
    return time % second + (time % second < 0 ? second : 0);
}

template <typename Seconds, typename Rest>
void put_time(file::Timestamp time, Seconds& seconds, Rest& rest) {
    seconds = static_cast<Seconds>(seconds_of(time));
    rest = static_cast<Rest>(rest_of(time));
}

void put_time(file::Timestamp time, struct statx_timestamp& to) {
    put_time(time, to.tv_sec, to.tv_nsec);
}

} // namespace

Stat to_stat(const file::Attributes& from) {
    Stat to{};
    to.st_dev = encode_device(from.file_system);
    to.st_ino = from.number;
    to.st_mode = type_bits(from.type) | from.mode;
    to.st_nlink = from.links;
    to.st_uid = from.user;
    to.st_gid = from.group;
    to.st_rdev = encode_device(from.device);
    to.st_size = static_cast<decltype(to.st_size)>(from.size);
    to.st_blksize = static_cast<decltype(to.st_blksize)>(from.block_size);
    to.st_blocks = static_cast<decltype(to.st_blocks)>(from.blocks);
    put_time(from.accessed, to.st_atime, to.st_atime_nsec);
    put_time(from.modified, to.st_mtime, to.st_mtime_nsec);
    put_time(from.changed, to.st_ctime, to.st_ctime_nsec);
    return to;
}

namespace {

Statx to_statx(const file::Attributes& from) {
    Statx to{};
    to.stx_mask = STATX_BASIC_STATS | STATX_BTIME;
    to.stx_blksize = from.block_size;
    to.stx_nlink = from.links;
    to.stx_uid = from.user;
    to.stx_gid = from.group;
    to.stx_mode = static_cast<std::uint16_t>(type_bits(from.type) | from.mode);
    to.stx_ino = from.number;
    to.stx_size = from.size;
    to.stx_blocks = from.blocks;
    put_time(from.accessed, to.stx_atime);
    put_time(from.created, to.stx_btime);
    put_time(from.changed, to.stx_ctime);
    put_time(from.modified, to.stx_mtime);
    to.stx_rdev_major = from.device.major;
    to.stx_rdev_minor = from.device.minor;
    to.stx_dev_major = from.file_system.major;
    to.stx_dev_minor = from.file_system.minor;
    return to;
}

/// The attributes of what an *at() call names; an empty path with `allow_empty` means the descriptor itself, which may
/// be a file without a name.
Result<file::Attributes> attributes_at(Descriptor directory, memory::UserString path, std::uint32_t flags) {
    bool allow_empty = flags & AT_EMPTY_PATH;
    if (allow_empty && directory.value != AT_FDCWD) {
        PathText text;
        TRY(text.read(path, true));
        if (text.text().empty())
            return TRY(open_file(directory))->attributes();
    }
    PathArgument argument;
    TRY(argument.read(directory, path, allow_empty));
    return TRY(argument.look_up(!(flags & AT_SYMLINK_NOFOLLOW), allow_empty)).inode().attributes();
}

} // namespace

Result<> sys_newfstatat(Descriptor directory, memory::UserString path, memory::UserPtr<Stat> to, Flags flags) {
    constexpr std::uint32_t known = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE;
    if (flags.bits & ~known)
        return fail(Error::invalid_argument);
    return to.write(to_stat(TRY(attributes_at(directory, path, flags.bits))));
}

Result<> sys_fstat(Descriptor descriptor, memory::UserPtr<Stat> to) {
    return to.write(to_stat(TRY(open_file(descriptor))->attributes()));
}

Result<>
sys_statx(Descriptor directory, memory::UserString path, Flags flags, std::uint32_t mask, memory::UserPtr<Statx> to) {
    constexpr std::uint32_t known = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE;
    if ((mask & STATX__RESERVED) || (flags.bits & ~known) || (flags.bits & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE)
        return fail(Error::invalid_argument);
    return to.write(to_statx(TRY(attributes_at(directory, path, flags.bits))));
}

Result<> sys_faccessat(Descriptor directory, memory::UserString path, std::uint32_t mode) {
    return sys_faccessat2(directory, path, mode, {0});
}

Result<> sys_faccessat2(Descriptor directory, memory::UserString path, std::uint32_t mode, Flags flags) {
    constexpr std::uint32_t known = AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH;
    constexpr std::uint32_t permissions = file::may_read | file::may_write | file::may_execute;
    if ((mode & ~permissions) || (flags.bits & ~known))
        return fail(Error::invalid_argument);
    bool allow_empty = flags.bits & AT_EMPTY_PATH;
    PathArgument argument;
    TRY(argument.read(directory, path, allow_empty));
    if (!(flags.bits & AT_EACCESS))
        argument.use_real_ids();
    file::Path found = TRY(argument.look_up(!(flags.bits & AT_SYMLINK_NOFOLLOW), allow_empty));
    return mode == 0 ? Result<>{} : file::check_access(found, mode, argument.who());
}

// Changing

namespace {

/// The place of an open file. Errors: bad_descriptor; invalid_argument for files without a name.
Result<file::Path> place_of(Descriptor descriptor) {
    auto opened = TRY(usable_file(descriptor));
    if (!opened->path)
        return fail(Error::invalid_argument);
    return opened->path;
}

} // namespace

Result<> sys_fchmod(Descriptor descriptor, FileMode mode) {
    return file::change_mode(
        TRY(place_of(descriptor)), static_cast<file::Mode>(mode.bits & 07777), file::CurrentIdentity());
}

Result<> sys_fchmodat(Descriptor directory, memory::UserString path, FileMode mode) {
    PathArgument argument;
    TRY(argument.read(directory, path));
    return file::change_mode(TRY(argument.look_up(true)), static_cast<file::Mode>(mode.bits & 07777), argument.who());
}

Result<> sys_fchown(Descriptor descriptor, std::uint32_t user, std::uint32_t group) {
    return file::change_owner(TRY(place_of(descriptor)), user, group, file::CurrentIdentity());
}

Result<>
sys_fchownat(Descriptor directory, memory::UserString path, std::uint32_t user, std::uint32_t group, Flags flags) {
    constexpr std::uint32_t known = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH;
    if (flags.bits & ~known)
        return fail(Error::invalid_argument);
    bool allow_empty = flags.bits & AT_EMPTY_PATH;
    PathArgument argument;
    TRY(argument.read(directory, path, allow_empty));
    file::Path found = TRY(argument.look_up(!(flags.bits & AT_SYMLINK_NOFOLLOW), allow_empty));
    return file::change_owner(found, user, group, argument.who());
}

namespace {

// utimensat(2): special values of tv_nsec, which have names only in the C library's header.
constexpr long long nanoseconds_now = (1 << 30) - 1;
constexpr long long nanoseconds_omit = (1 << 30) - 2;

struct Times {
    file::AttributeChange change;
    bool is_explicit = false; // not just "now" for both
};

Result<file::Timestamp> to_timestamp(const __kernel_timespec& value, bool& set, bool& now) {
    set = value.tv_nsec != nanoseconds_omit;
    now = value.tv_nsec == nanoseconds_now;
    if (!set)
        return 0;
    if (now)
        return file::wall_clock();
    if (value.tv_nsec < 0 || value.tv_nsec >= second)
        return fail(Error::invalid_argument);
    file::Timestamp time;
    if (__builtin_mul_overflow(value.tv_sec, second, &time) || __builtin_add_overflow(time, value.tv_nsec, &time))
        return value.tv_sec < 0 ? INT64_MIN : INT64_MAX; // as far as time stamps reach
    return time;
}

Result<Times> read_times(memory::UserPtr<const __kernel_timespec> user) {
    Times times;
    times.change.set_accessed = times.change.set_modified = true;
    if (!user) {
        times.change.accessed = times.change.modified = file::wall_clock();
        return times;
    }
    bool accessed_now = false, modified_now = false;
    __kernel_timespec accessed = TRY(user.read());
    __kernel_timespec modified = TRY((user + 1).read());
    times.change.accessed = TRY(to_timestamp(accessed, times.change.set_accessed, accessed_now));
    times.change.modified = TRY(to_timestamp(modified, times.change.set_modified, modified_now));
    times.is_explicit = !(accessed_now && modified_now);
    return times;
}

} // namespace

Result<> sys_utimensat(
    Descriptor directory, memory::UserString path, memory::UserPtr<const __kernel_timespec> user, Flags flags) {
    constexpr std::uint32_t known = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH;
    Times times = TRY(read_times(user));
    if (!times.change.set_accessed && !times.change.set_modified)
        return {};
    if (flags.bits & ~known)
        return fail(Error::invalid_argument);
    if (!path && directory.value != AT_FDCWD) {
        if (flags.bits != 0)
            return fail(Error::invalid_argument);
        return file::change_times(TRY(place_of(directory)), times.change, times.is_explicit, file::CurrentIdentity());
    }
    bool allow_empty = flags.bits & AT_EMPTY_PATH;
    PathArgument argument;
    TRY(argument.read(directory, path, allow_empty));
    file::Path found = TRY(argument.look_up(!(flags.bits & AT_SYMLINK_NOFOLLOW), allow_empty));
    return file::change_times(found, times.change, times.is_explicit, argument.who());
}

Result<std::uint32_t> sys_umask(FileMode mask) {
    return process::current().directory->set_umask(static_cast<file::Mode>(mask.bits & 0777));
}

// File systems

namespace {

constexpr std::uint64_t pipe_magic = 0x50495045; // PIPEFS_MAGIC of <linux/magic.h>

Statfs to_statfs(const file::FileSystemUsage& usage, file::DeviceNumber device, std::uint32_t flags) {
    Statfs to{};
    to.f_type = static_cast<decltype(to.f_type)>(usage.kind);
    to.f_bsize = static_cast<decltype(to.f_bsize)>(usage.block_size);
    to.f_frsize = static_cast<decltype(to.f_frsize)>(usage.block_size);
    to.f_blocks = static_cast<decltype(to.f_blocks)>(usage.blocks);
    to.f_bfree = to.f_bavail = static_cast<decltype(to.f_bfree)>(usage.free_blocks);
    to.f_files = static_cast<decltype(to.f_files)>(usage.inodes);
    to.f_ffree = static_cast<decltype(to.f_ffree)>(usage.free_inodes);
    to.f_namelen = static_cast<decltype(to.f_namelen)>(usage.longest_name);
    to.f_fsid.val[0] = static_cast<int>(encode_device(device));
    constexpr std::uint32_t valid = 0x20; // ST_VALID: the flags mean something
    to.f_flags = static_cast<decltype(to.f_flags)>(valid | flags);
    return to;
}

Statfs statfs_of(const file::Path& path) {
    file::FileSystem& file_system = *path.mount->file_system;
    return to_statfs(file_system.usage(), file_system.device(), path.mount->flags.load() & 0xf);
}

} // namespace

Result<> sys_statfs(memory::UserString path, memory::UserPtr<Statfs> to) {
    PathArgument argument;
    TRY(argument.read(path));
    return to.write(statfs_of(TRY(argument.look_up(true))));
}

Result<> sys_fstatfs(Descriptor descriptor, memory::UserPtr<Statfs> to) {
    auto opened = TRY(open_file(descriptor));
    if (opened->path)
        return to.write(statfs_of(opened->path));
    file::FileSystemUsage usage;
    usage.kind = pipe_magic;
    return to.write(to_statfs(usage, {}, 0));
}

} // namespace abi::linux
