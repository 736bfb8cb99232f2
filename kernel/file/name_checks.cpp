#include "file/name_checks.hpp"

namespace file {

Result<> check_mount_writable(const Path& path) {
    if (path.mount->flags.load(std::memory_order_relaxed) & mount_read_only)
        return fail(Error::read_only);
    return {};
}

Result<> check_create(const Path& directory, const Identity& who) {
    if (!directory.entry->is_linked())
        return fail(Error::not_found);
    TRY(check_mount_writable(directory));
    return check_permission(directory.inode().attributes(), who, may_write | may_execute);
}

Result<> check_remove(const Path& directory, const Inode& victim, const Identity& who) {
    TRY(check_mount_writable(directory));
    Attributes parent = directory.inode().attributes();
    TRY(check_permission(parent, who, may_write | may_execute));
    if ((parent.mode & mode_sticky) && !who.is_root() && who.user != parent.user
        && who.user != victim.attributes().user)
        return fail(Error::not_permitted);
    return {};
}

Result<> remove_entry(const Path& directory, std::string_view name, const Path& victim) {
    TRY(directory.inode().remove(name, victim.inode()));
    if (directory.inode().file_system().keeps_entries())
        directory.entry->remove(*victim.entry);
    return {};
}

bool is_mount_point(const Path& directory, const Path& victim) {
    return victim.mount != directory.mount || victim.entry->mounts_here > 0;
}

} // namespace file
