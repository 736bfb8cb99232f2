#include "file/operations.hpp"

#include "file/name_checks.hpp"
#include "file/regular_file.hpp"
#include "file/tree_walk.hpp"

#include <new>

namespace file {

namespace {

NewFile describe_new(const Walk& walk, const Path& directory, Type type, Mode mode) {
    NewFile file{
        .type = type,
        .mode = static_cast<Mode>(mode & mode_mask & ~walk.place.umask()),
        .user = walk.who.user,
        .group = walk.who.group,
        .device = {},
        .target = {}};
    Attributes parent = directory.inode().attributes();
    if (parent.mode & mode_set_group_id) {
        file.group = parent.group;
        if (type == Type::directory)
            file.mode |= mode_set_group_id;
    }
    return file;
}

/// Makes a file and its entry; the name is free. On an error there is neither.
Result<Path> create_entry(const Path& directory, std::string_view name, const NewFile& file) REQUIRES(tree_lock()) {
    Inode& parent = directory.inode();
    const Ref<Inode> inode = TRY(parent.create(name, file));
    auto entry = Entry::create(directory.entry, name, inode);
    if (!entry) {
        (void)parent.remove(name, *inode);
        return fail(entry.error());
    }
    if (parent.file_system().keeps_entries())
        directory.entry->insert(**entry);
    return Path{directory.mount, *entry};
}

/// Finds the place for a new name, runs `make(directory, name)` there. `directory_made`: a trailing slash is fine.
template <typename Make>
Result<> create_at(const Walk& walk, std::string_view path, bool directory_made, Make make) {
    TreeWalk steps(walk);
    thread::MutexGuard guard(tree_lock());
    TRY(steps.begin(path));
    TRY(steps.go_to_last());
    if (steps.last.empty() || is_dots(steps.last))
        return fail(Error::exists);
    if (steps.last_child())
        return fail(Error::exists);
    if (steps.trailing_slash && !directory_made)
        return fail(Error::not_found);
    TRY(check_create(steps.current, walk.who));
    return make(steps.current, steps.last);
}

} // namespace

// Opening

namespace {

struct Found {
    Path path;
    bool created = false;
};

Result<Found> find_or_create(const Walk& walk, std::string_view path, std::uint32_t flags, Mode mode) {
    TreeWalk steps(walk);
    thread::MutexGuard guard(tree_lock());
    TRY(steps.begin(path));
    for (;;) {
        TRY(steps.go_to_last());
        if (steps.last.empty())
            return Found{steps.current};
        if (is_dots(steps.last) || steps.trailing_slash)
            return fail(Error::is_directory);
        auto found = steps.last_child();
        if (!found && found.error() != Error::not_found)
            return fail(found.error());
        if (!found) {
            TRY(check_create(steps.current, walk.who));
            NewFile file = describe_new(walk, steps.current, Type::regular, mode);
            return Found{TRY(create_entry(steps.current, steps.last, file)), true};
        }
        if (flags & open_exclusive)
            return fail(Error::exists);
        if (!found->inode().is_symlink() || (flags & open_no_follow))
            return Found{*found};
        TRY(steps.follow(*found));
        if (steps.last.empty())
            return Found{steps.current};
    }
}

unsigned wanted_permissions(std::uint32_t flags) {
    return (flags & open_read ? may_read : 0u) | (flags & (open_write | open_truncate) ? may_write : 0u);
}

Result<> check_open(const Path& path, std::uint32_t flags, const Identity& who, bool created) {
    Inode& inode = path.inode();
    if (inode.is_symlink())
        return fail(Error::too_many_links);
    if ((flags & open_directory) && !inode.is_directory())
        return fail(Error::not_directory);
    if (inode.is_directory() && (flags & (open_write | open_create | open_truncate)))
        return fail(Error::is_directory);
    bool is_device = inode.type() == Type::character_device || inode.type() == Type::block_device;
    if (is_device && (path.mount->flags.load(std::memory_order_relaxed) & mount_no_devices))
        return fail(Error::access_denied);
    if ((flags & (open_write | open_truncate)) && (inode.is_regular() || inode.is_directory()))
        TRY(check_mount_writable(path));
    if (created)
        return {};
    if (!who.is_root())
        TRY(check_permission(inode.attributes(), who, wanted_permissions(flags)));
    return {};
}

Result<Ref<OpenFile>> open_checked(const Found& found, std::uint32_t flags, const Identity& who) {
    TRY(check_open(found.path, flags, who, found.created));
    Ref<OpenFile> opened = TRY(found.path.inode().open(found.path, flags & ~(open_create | open_exclusive)));
    if ((flags & open_truncate) && !found.created && found.path.inode().is_regular())
        TRY(found.path.inode().truncate(0));
    return opened;
}

Result<Ref<OpenFile>> open_unnamed(const Walk& walk, std::string_view path, std::uint32_t flags, Mode mode) {
    Path directory = TRY(look_up(walk, path, {.directory = true}));
    if (!(flags & open_write))
        return fail(Error::invalid_argument);
    TRY(check_mount_writable(directory));
    TRY(check_permission(directory.inode().attributes(), walk.who, may_write | may_execute));
    Ref<Inode> inode = TRY(directory.inode().create_unnamed(describe_new(walk, directory, Type::regular, mode)));
    return RegularFile::create(*inode, {}, flags & ~(open_directory | open_temporary));
}

} // namespace

Result<Ref<OpenFile>> open(const Walk& walk, std::string_view path, std::uint32_t flags, Mode mode) {
    if (flags & open_temporary)
        return open_unnamed(walk, path, flags, mode);
    if (flags & open_path) {
        Path found = TRY(look_up(walk, path, {.follow = !(flags & open_no_follow)}));
        if ((flags & open_directory) && !found.inode().is_directory())
            return fail(Error::not_directory);
        return PathFile::create(found);
    }
    if (flags & open_create)
        return open_checked(TRY(find_or_create(walk, path, flags, mode)), flags, walk.who);
    Path found = TRY(look_up(walk, path, {.follow = !(flags & open_no_follow)}));
    return open_checked(Found{std::move(found)}, flags, walk.who);
}

Result<Ref<OpenFile>> open_path_object(const Path& path, std::uint32_t flags, const Identity& who) {
    return open_checked(Found{path}, flags, who);
}

Result<Path> look_up_executable(const Walk& walk, std::string_view path, bool follow) {
    Path found = TRY(look_up(walk, path, {.follow = follow, .allow_empty = walk.start != nullptr}));
    if (found.inode().is_symlink())
        return fail(Error::too_many_links);
    if (!found.inode().is_regular() || (found.mount->flags.load(std::memory_order_relaxed) & mount_no_execute))
        return fail(Error::access_denied);
    TRY(check_permission(found.inode().attributes(), walk.who, may_execute));
    return found;
}

// Making names

Result<> make_directory(const Walk& walk, std::string_view path, Mode mode) {
    return create_at(walk, path, true, [&](const Path& at, std::string_view name) REQUIRES(tree_lock()) -> Result<> {
        mode &= 01777; // set-id bits are inherited, not given
        TRY(create_entry(at, name, describe_new(walk, at, Type::directory, mode)));
        return {};
    });
}

Result<> make_node(const Walk& walk, std::string_view path, Type type, Mode mode, DeviceNumber device) {
    return create_at(walk, path, false, [&](const Path& at, std::string_view name) REQUIRES(tree_lock()) -> Result<> {
        if ((type == Type::character_device || type == Type::block_device) && !walk.who.is_root())
            return fail(Error::not_permitted);
        NewFile file = describe_new(walk, at, type, mode);
        file.device = device;
        TRY(create_entry(at, name, file));
        return {};
    });
}

Result<> make_symlink(const Walk& walk, std::string_view target, std::string_view path) {
    if (target.empty())
        return fail(Error::not_found);
    return create_at(walk, path, false, [&](const Path& at, std::string_view name) REQUIRES(tree_lock()) -> Result<> {
        NewFile file = describe_new(walk, at, Type::symlink, 0777);
        file.target = target;
        TRY(create_entry(at, name, file));
        return {};
    });
}

Result<> make_link(const Path& from, const Walk& walk, std::string_view path) {
    return create_at(walk, path, false, [&](const Path& at, std::string_view name) REQUIRES(tree_lock()) -> Result<> {
        Inode& target = from.inode();
        if (from.mount != at.mount)
            return fail(Error::cross_device);
        if (target.is_directory())
            return fail(Error::not_permitted);
        if (target.links() == 0)
            return fail(Error::not_found);
        Ref<Entry> entry = TRY(Entry::create(at.entry, name, Ref<Inode>::share(&target)));
        TRY(at.inode().link(name, target));
        if (at.inode().file_system().keeps_entries())
            at.entry->insert(*entry);
        return {};
    });
}

// Removing names

Result<> unlink(const Walk& walk, std::string_view path) {
    TreeWalk steps(walk);
    Path victim; // freed after the lock
    thread::MutexGuard guard(tree_lock());
    TRY(steps.begin(path));
    TRY(steps.go_to_last());
    if (steps.last.empty() || is_dots(steps.last))
        return fail(Error::is_directory);
    TRY(check_mount_writable(steps.current));
    victim = TRY(steps.last_child());
    if (steps.trailing_slash)
        return fail(victim.inode().is_directory() ? Error::is_directory : Error::not_directory);
    TRY(check_remove(steps.current, victim.inode(), walk.who));
    if (victim.inode().is_directory())
        return fail(Error::is_directory);
    if (is_mount_point(steps.current, victim))
        return fail(Error::busy);
    return remove_entry(steps.current, steps.last, victim);
}

Result<> remove_directory(const Walk& walk, std::string_view path) {
    TreeWalk steps(walk);
    Path victim;
    thread::MutexGuard guard(tree_lock());
    TRY(steps.begin(path));
    TRY(steps.go_to_last());
    if (steps.last.empty())
        return fail(Error::busy);
    if (steps.last == ".")
        return fail(Error::invalid_argument);
    if (steps.last == "..")
        return fail(Error::not_empty);
    TRY(check_mount_writable(steps.current));
    victim = TRY(steps.last_child());
    TRY(check_remove(steps.current, victim.inode(), walk.who));
    if (!victim.inode().is_directory())
        return fail(Error::not_directory);
    if (is_mount_point(steps.current, victim))
        return fail(Error::busy);
    if (victim.entry->has_children())
        return fail(Error::not_empty);
    return remove_entry(steps.current, steps.last, victim);
}

Result<Path> look_up_directory(const Walk& walk, std::string_view path) {
    Path found = TRY(look_up(walk, path, {.directory = true}));
    TRY(check_permission(found.inode().attributes(), walk.who, may_execute));
    return found;
}

} // namespace file
