// What programs change of a file that is there: mode, owner, times, size; and what they may do with it.

#include "file/name_checks.hpp"
#include "file/operations.hpp"
#include "process/process.hpp"
#include "process/send.hpp"

namespace file {

Result<> change_mode(const Path& path, Mode mode, const Identity& who) {
    TRY(check_mount_writable(path));
    Attributes now = path.inode().attributes();
    if (!who.is_root() && who.user != now.user)
        return fail(Error::not_permitted);
    mode &= mode_mask;
    if (!who.is_root() && !who.in_group(now.group))
        mode &= static_cast<Mode>(~mode_set_group_id);
    AttributeChange change;
    change.set_mode = true;
    change.mode = mode;
    return path.inode().change(change);
}

Result<> change_owner(const Path& path, UserId user, GroupId group, const Identity& who) {
    TRY(check_mount_writable(path));
    Attributes now = path.inode().attributes();
    AttributeChange change;
    change.set_user = user != ~UserId{0};
    change.set_group = group != ~GroupId{0};
    change.user = user;
    change.group = group;
    if (!who.is_root()) {
        bool owner = who.user == now.user;
        if (change.set_user && !(owner && user == now.user))
            return fail(Error::not_permitted);
        if (change.set_group && !(owner && (group == now.group || who.in_group(group))))
            return fail(Error::not_permitted);
    }
    if (now.type != Type::directory) {
        Mode cleared = mode_set_user_id;
        if (now.mode & 010)
            cleared |= mode_set_group_id;
        change.set_mode = (now.mode & cleared) != 0;
        change.mode = static_cast<Mode>(now.mode & ~cleared);
    }
    return path.inode().change(change);
}

Result<> change_times(const Path& path, const AttributeChange& times, bool explicit_times, const Identity& who) {
    TRY(check_mount_writable(path));
    Attributes now = path.inode().attributes();
    if (!who.is_root() && who.user != now.user) {
        if (explicit_times)
            return fail(Error::not_permitted);
        TRY(check_permission(now, who, may_write));
    }
    return path.inode().change(times);
}

Result<> truncate(const Path& path, std::uint64_t size, const Identity& who) {
    Inode& inode = path.inode();
    if (inode.is_directory())
        return fail(Error::is_directory);
    if (!inode.is_regular())
        return fail(Error::invalid_argument);
    TRY(check_mount_writable(path));
    TRY(check_permission(inode.attributes(), who, may_write));
    TRY(inode.begin_write_access());
    auto done = check_file_limit(size);
    if (done)
        done = inode.truncate(size);
    inode.end_write_access();
    return done;
}

Result<> truncate(OpenFile& opened, std::uint64_t size) {
    Inode* inode = opened.inode();
    if (!inode || !inode->is_regular() || !opened.can_write())
        return fail(Error::invalid_argument);
    TRY(check_file_limit(size));
    return inode->truncate(size);
}

Result<> check_file_limit(std::uint64_t size) {
    process::Process* self = thread::current().process;
    if (!self || size <= self->limit(process::Resource::file_size).soft)
        return {};
    process::SignalInfo info;
    info.signal = process::Signal::file_limit;
    process::send(thread::current(), info);
    return fail(Error::file_too_large);
}

Result<> check_access(const Path& path, unsigned wanted, const Identity& who) {
    Inode& inode = path.inode();
    bool on_medium = inode.is_regular() || inode.is_directory() || inode.is_symlink();
    if ((wanted & may_execute) && inode.is_regular()
        && (path.mount->flags.load(std::memory_order_relaxed) & mount_no_execute))
        return fail(Error::access_denied);
    TRY(check_permission(inode.attributes(), who, wanted));
    if ((wanted & may_write) && on_medium)
        TRY(check_mount_writable(path));
    return {};
}

} // namespace file
