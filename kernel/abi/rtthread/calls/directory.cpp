#include "abi/rtthread/calls/directory.hpp"

#include "abi/rtthread/paths.hpp"
#include "file/mounting.hpp"

#include <new>

namespace abi::rtthread {
namespace {

using memory::UserPtr;

/// A buffer for a path, freed at the end.
class PathBuffer {
public:
    PathBuffer() : text_(new(std::nothrow) char[file::longest_path]) {}
    ~PathBuffer() { delete[] text_; }
    PathBuffer(const PathBuffer&) = delete;
    explicit operator bool() const { return text_ != nullptr; }
    std::span<char> span() const { return {text_, file::longest_path}; }

private:
    char* text_;
};

} // namespace

Result<std::size_t> sys_getcwd(UserPtr<char> buffer, std::uint64_t bytes) {
    file::WorkingDirectory& place = *process::current().directory;
    const file::Path here = place.current();
    if (file::is_deleted(here))
        return fail(Error::not_found);
    const PathBuffer text;
    if (!text)
        return fail(Error::no_memory);
    const auto room = text.span().first(file::longest_path - 1);
    const auto name = file::absolute_name(here, place.root(), room);
    if (!name)
        return fail(Error::name_too_long);
    if (name->size() + 1 > bytes)
        return fail(Error::out_of_range);
    text.span().back() = '\0'; // the name ends just before it
    TRY(memory::copy_out(buffer.address(), name->data(), name->size() + 1));
    return name->size() + 1;
}

Result<> sys_chdir(memory::UserString path) {
    PathArgument argument;
    TRY(argument.read(path));
    process::current().directory->set_current(TRY(file::look_up_directory(argument.walk(), argument.text())));
    return {};
}

Result<> sys_fchdir(Descriptor descriptor) {
    const auto opened = TRY(open_file(descriptor));
    if (!opened->path || !opened->path.inode().is_directory())
        return fail(Error::not_directory);
    TRY(file::check_permission(opened->path.inode().attributes(), file::CurrentIdentity(), file::may_execute));
    process::current().directory->set_current(opened->path);
    return {};
}

Result<> sys_unlink(memory::UserString path) {
    PathArgument argument;
    TRY(argument.read(path));
    return file::unlink(argument.walk(), argument.text());
}

Result<> sys_mkdir(memory::UserString path, FileMode mode) {
    PathArgument argument;
    TRY(argument.read(path));
    return file::make_directory(argument.walk(), argument.text(), static_cast<file::Mode>(mode.bits & 07777));
}

Result<> sys_rmdir(memory::UserString path) {
    PathArgument argument;
    TRY(argument.read(path));
    return file::remove_directory(argument.walk(), argument.text());
}

Result<> sys_access(memory::UserString path, std::uint32_t mode) {
    if (mode & ~(file::may_read | file::may_write | file::may_execute))
        return fail(Error::invalid_argument);
    PathArgument argument;
    TRY(argument.read(path));
    const file::Path found = TRY(argument.look_up());
    return mode == 0 ? Result<>() : file::check_access(found, mode, argument.who());
}

Result<> sys_rename(memory::UserString from, memory::UserString to) {
    PathArgument source, target;
    TRY(source.read(from));
    TRY(target.read(to));
    return file::rename(source.walk(), source.text(), target.walk(), target.text(), file::RenameMode::replace);
}

Result<std::size_t> sys_readlink(memory::UserString path, UserAddr buffer, std::uint64_t bytes) {
    if (bytes == 0)
        return fail(Error::invalid_argument);
    PathArgument argument;
    TRY(argument.read(path));
    const file::Path found = TRY(argument.look_up(false));
    if (!found.inode().is_symlink())
        return fail(Error::invalid_argument);
    const PathBuffer target;
    if (!target)
        return fail(Error::no_memory);
    const std::size_t length = std::min<std::size_t>(TRY(found.inode().read_link(target.span())), bytes);
    TRY(memory::copy_out(buffer, target.span().data(), length));
    return length;
}

Result<> sys_link(memory::UserString existing, memory::UserString path) {
    PathArgument source, target;
    TRY(source.read(existing));
    TRY(target.read(path));
    return file::make_link(TRY(source.look_up(false)), target.walk(), target.text());
}

Result<> sys_symlink(memory::UserString target, memory::UserString path) {
    PathArgument text, argument;
    TRY(text.read(target));
    TRY(argument.read(path));
    return file::make_symlink(argument.walk(), text.text(), argument.text());
}

Result<> sys_chmod(memory::UserString path, FileMode mode) {
    PathArgument argument;
    TRY(argument.read(path));
    return file::change_mode(TRY(argument.look_up()), static_cast<file::Mode>(mode.bits & 07777), argument.who());
}

Result<> sys_chown(memory::UserString path, std::uint32_t user, std::uint32_t group) {
    PathArgument argument;
    TRY(argument.read(path));
    return file::change_owner(TRY(argument.look_up()), user, group, argument.who());
}

namespace {

constexpr std::int64_t time_now = (1 << 30) - 1, time_omit = (1 << 30) - 2; // UTIME_NOW, UTIME_OMIT
constexpr std::uint32_t no_follow = 0x100;                                  // AT_SYMLINK_NOFOLLOW

Result<file::Timestamp> to_timestamp(const Timespec& value, bool& set, bool& now) {
    constexpr std::int64_t second = 1'000'000'000;
    set = value.nanoseconds != time_omit;
    now = value.nanoseconds == time_now;
    if (!set)
        return 0;
    if (now)
        return file::wall_clock();
    file::Timestamp time;
    if (value.nanoseconds < 0 || value.nanoseconds >= second || __builtin_mul_overflow(value.seconds, second, &time)
        || __builtin_add_overflow(time, value.nanoseconds, &time))
        return fail(Error::invalid_argument);
    return time;
}

} // namespace

Result<> sys_utimensat(Descriptor directory, memory::UserString path, UserPtr<const Timespec> times, Flags flags) {
    file::AttributeChange change;
    bool accessed_now = true, modified_now = true;
    change.set_accessed = change.set_modified = true;
    change.accessed = change.modified = file::wall_clock();
    if (times) {
        const Timespec accessed = TRY(times.read()), modified = TRY((times + 1).read());
        change.accessed = TRY(to_timestamp(accessed, change.set_accessed, accessed_now));
        change.modified = TRY(to_timestamp(modified, change.set_modified, modified_now));
    }
    PathArgument argument;
    TRY(argument.read(path, directory));
    const file::Path found = TRY(argument.look_up(!(flags.bits & no_follow)));
    return file::change_times(found, change, !(accessed_now && modified_now), argument.who());
}

namespace {

Statfs to_statfs(const file::FileSystemUsage& usage) {
    Statfs to{};
    to.type = usage.kind;
    to.block_size = to.fragment_size = usage.block_size;
    to.blocks = usage.blocks;
    to.free_blocks = to.available_blocks = usage.free_blocks;
    to.files = usage.inodes;
    to.free_files = usage.free_inodes;
    to.longest_name = usage.longest_name;
    return to;
}

} // namespace

Result<> sys_statfs(memory::UserString path, UserPtr<Statfs> to) {
    PathArgument argument;
    TRY(argument.read(path));
    return to.write(to_statfs(TRY(argument.look_up()).mount->file_system->usage()));
}

Result<> sys_statfs64(memory::UserString path, std::uint64_t bytes, UserPtr<Statfs> to) {
    return bytes == sizeof(Statfs) ? sys_statfs(path, to) : fail(Error::invalid_argument);
}

Result<> sys_fstatfs(Descriptor descriptor, UserPtr<Statfs> to) {
    const auto opened = TRY(open_file(descriptor));
    return to.write(to_statfs(opened->path ? opened->path.mount->file_system->usage() : file::FileSystemUsage{}));
}

Result<> sys_fstatfs64(Descriptor descriptor, std::uint64_t bytes, UserPtr<Statfs> to) {
    return bytes == sizeof(Statfs) ? sys_fstatfs(descriptor, to) : fail(Error::invalid_argument);
}

Result<> sys_mount(
    memory::UserString source, memory::UserString target, memory::UserString type, std::uint64_t flags, UserAddr) {
    if (flags != 0)
        return fail(Error::invalid_argument);
    PathArgument at, kind, from;
    TRY(kind.read(type));
    TRY(at.read(target));
    if (source)
        TRY(from.read(source));
    if (!at.who().is_root())
        return fail(Error::not_permitted);
    return file::mount_by_name(kind.text(), TRY(at.look_up()), 0, from.text());
}

Result<> sys_umount2(memory::UserString target, Flags flags) {
    PathArgument at;
    TRY(at.read(target));
    if (!at.who().is_root())
        return fail(Error::not_permitted);
    return file::unmount(TRY(at.look_up()), flags.bits != 0);
}

} // namespace abi::rtthread
