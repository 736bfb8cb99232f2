#include "file/operations.hpp"

#include "file/regular_file.hpp"
#include "file/tree_walk.hpp"
#include "process/send.hpp"

#include <new>

namespace file {

namespace {

bool is_dots(std::string_view name) {
    return name == "." || name == "..";
}

Result<> check_mount_writable(const Path& path) {
    if (path.mount->flags.load(std::memory_order_relaxed) & mount_read_only)
        return fail(Error::read_only);
    return {};
}

/// A new name may be made in `directory`.
Result<> check_create(const Path& directory, const Identity& who) REQUIRES(tree_lock()) {
    if (!directory.entry->is_linked())
        return fail(Error::not_found);
    TRY(check_mount_writable(directory));
    return check_permission(directory.inode().attributes(), who, may_write | may_execute);
}

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

/// Makes a file and its entry; the name is free.
Result<Path> create_entry(const Path& directory, std::string_view name, const NewFile& file) REQUIRES(tree_lock()) {
    Inode& parent = directory.inode();
    if (!parent.file_system().keeps_entries()) {
        Ref<Inode> inode = TRY(parent.create(name, file));
        return Path{directory.mount, TRY(Entry::create(directory.entry, name, std::move(inode)))};
    }
    // The entry first, around the directory itself for the moment: nothing can fail once the file exists.
    Ref<Inode> inode = TRY(parent.create(name, file));
    auto entry = Entry::create(directory.entry, name, inode);
    if (!entry) {
        (void)parent.remove(name, *inode);
        return fail(entry.error());
    }
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

/// The sticky rule: in such a directory only owners remove.
Result<> check_remove(const Path& directory, const Inode& victim, const Identity& who) {
    TRY(check_mount_writable(directory));
    Attributes parent = directory.inode().attributes();
    TRY(check_permission(parent, who, may_write | may_execute));
    if ((parent.mode & mode_sticky) && !who.is_root() && who.user != parent.user
        && who.user != victim.attributes().user)
        return fail(Error::not_permitted);
    return {};
}

Result<> remove_entry(const Path& directory, std::string_view name, const Path& victim) REQUIRES(tree_lock()) {
    TRY(directory.inode().remove(name, victim.inode()));
    if (directory.inode().file_system().keeps_entries())
        directory.entry->remove(*victim.entry);
    return {};
}

/// Whether the entry that `parent` keeps under the victim's name is a mount point (the walk has entered the mount).
bool is_mount_point(const Path& directory, std::string_view name, const Path& victim) REQUIRES(tree_lock()) {
    (void)name;
    return victim.mount != directory.mount || victim.entry->mounts_here > 0;
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
    if (is_mount_point(steps.current, steps.last, victim))
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
    if (is_mount_point(steps.current, steps.last, victim))
        return fail(Error::busy);
    if (victim.entry->has_children())
        return fail(Error::not_empty);
    return remove_entry(steps.current, steps.last, victim);
}

// Renaming

namespace {

bool is_inside(Entry* entry, const Entry* top) REQUIRES(tree_lock()) {
    while (entry && entry != top)
        entry = entry->parent();
    return entry != nullptr;
}

struct Renaming {
    Path from_directory, to_directory;
    std::string_view from_name, to_name;
    Path source, target; // target empty: the new name is free
    RenameMode mode;
};

Result<> check_types(const Renaming& plan) {
    if (!plan.target || plan.mode == RenameMode::exchange)
        return {};
    bool source_is_directory = plan.source.inode().is_directory();
    bool target_is_directory = plan.target.inode().is_directory();
    if (source_is_directory && !target_is_directory)
        return fail(Error::not_directory);
    if (!source_is_directory && target_is_directory)
        return fail(Error::is_directory);
    return {};
}

Result<> check_rename(const Renaming& plan, const Identity& who) REQUIRES(tree_lock()) {
    TRY(check_remove(plan.from_directory, plan.source.inode(), who));
    if (plan.target)
        TRY(check_remove(plan.to_directory, plan.target.inode(), who));
    else
        TRY(check_create(plan.to_directory, who));
    TRY(check_types(plan));
    bool moves = plan.from_directory.entry != plan.to_directory.entry;
    if (moves && plan.source.inode().is_directory())
        TRY(check_permission(plan.source.inode().attributes(), who, may_write));
    if (is_mount_point(plan.from_directory, plan.from_name, plan.source))
        return fail(Error::busy);
    if (plan.target && is_mount_point(plan.to_directory, plan.to_name, plan.target))
        return fail(Error::busy);
    if (plan.target && plan.mode != RenameMode::exchange && plan.target.entry->has_children())
        return fail(Error::not_empty);
    return {};
}

/// Takes `entry` out of one directory and puts it under a new name into another; on failure it is where it was.
Result<> move_entry(Entry& entry, const Path& from, const Path& to, std::string_view name) REQUIRES(tree_lock()) {
    Ref<Entry> kept = Ref<Entry>::share(&entry);
    from.entry->remove(entry);
    if (auto moved = entry.move_to(to.entry, name); !moved) {
        from.entry->insert(entry);
        return moved;
    }
    to.entry->insert(entry);
    return {};
}

Result<> exchange(const Renaming& plan) REQUIRES(tree_lock()) {
    Inode& from = plan.from_directory.inode();
    Inode& to = plan.to_directory.inode();
    if (!from.file_system().keeps_entries())
        return fail(Error::invalid_argument);
    Entry& a = *plan.source.entry;
    Entry& b = *plan.target.entry;
    Ref<Entry> kept_a = plan.source.entry, kept_b = plan.target.entry;
    plan.from_directory.entry->remove(a);
    plan.to_directory.entry->remove(b);
    auto first = a.move_to(plan.to_directory.entry, plan.to_name);
    auto second = first ? b.move_to(plan.from_directory.entry, plan.from_name) : first;
    if (!second) {
        // Names are short; giving the first its old one back can only fail when memory is gone twice: then it keeps
        // the new one in its old place.
        (void)a.move_to(plan.from_directory.entry, plan.from_name);
        plan.from_directory.entry->insert(a);
        plan.to_directory.entry->insert(b);
        return second;
    }
    plan.to_directory.entry->insert(a);
    plan.from_directory.entry->insert(b);
    TRY(from.rename(plan.from_name, a.inode(), to, plan.to_name));
    return to.rename(plan.to_name, b.inode(), from, plan.from_name);
}

Result<> carry_out(const Renaming& plan) REQUIRES(tree_lock()) {
    if (plan.mode == RenameMode::exchange)
        return exchange(plan);
    Inode& from = plan.from_directory.inode();
    Inode& to = plan.to_directory.inode();
    bool keeps = from.file_system().keeps_entries();
    if (plan.target)
        TRY(remove_entry(plan.to_directory, plan.to_name, plan.target));
    if (keeps)
        TRY(move_entry(*plan.source.entry, plan.from_directory, plan.to_directory, plan.to_name));
    return from.rename(plan.from_name, plan.source.inode(), to, plan.to_name);
}

Result<> find_both(Renaming& plan, TreeWalk& from, TreeWalk& to) REQUIRES(tree_lock()) {
    if (from.current.mount != to.current.mount)
        return fail(Error::cross_device);
    if (from.last.empty() || is_dots(from.last))
        return fail(Error::busy);
    if (to.last.empty() || is_dots(to.last))
        return fail(plan.mode == RenameMode::no_replace ? Error::exists : Error::busy);
    TRY(check_mount_writable(from.current));
    plan.from_directory = from.current;
    plan.to_directory = to.current;
    plan.from_name = from.last;
    plan.to_name = to.last;
    plan.source = TRY(from.last_child());
    if (auto found = to.last_child())
        plan.target = *found;
    else if (found.error() != Error::not_found)
        return fail(found.error());
    if (plan.target && plan.mode == RenameMode::no_replace)
        return fail(Error::exists);
    if (!plan.target && plan.mode == RenameMode::exchange)
        return fail(Error::not_found);
    bool source_is_directory = plan.source.inode().is_directory();
    if (!source_is_directory && (from.trailing_slash || (to.trailing_slash && plan.mode != RenameMode::exchange)))
        return fail(Error::not_directory);
    if (plan.mode == RenameMode::exchange && to.trailing_slash && !plan.target.inode().is_directory())
        return fail(Error::not_directory);
    if (is_inside(plan.to_directory.entry.get(), plan.source.entry.get()))
        return fail(Error::invalid_argument);
    if (plan.target && is_inside(plan.from_directory.entry.get(), plan.target.entry.get()))
        return fail(plan.mode == RenameMode::exchange ? Error::invalid_argument : Error::not_empty);
    return {};
}

} // namespace

Result<>
rename(const Walk& from_walk, std::string_view from, const Walk& to_walk, std::string_view to, RenameMode mode) {
    TreeWalk from_steps(from_walk);
    TreeWalk to_steps(to_walk);
    Renaming plan{
        .from_directory = {},
        .to_directory = {},
        .from_name = {},
        .to_name = {},
        .source = {},
        .target = {},
        .mode = mode};
    thread::MutexGuard guard(tree_lock());
    TRY(from_steps.begin(from));
    TRY(from_steps.go_to_last());
    TRY(to_steps.begin(to));
    TRY(to_steps.go_to_last());
    TRY(find_both(plan, from_steps, to_steps));
    // Two names of one file: nothing to do (POSIX.1-2017, rename()).
    if (plan.target && &plan.target.inode() == &plan.source.inode())
        return {};
    TRY(check_rename(plan, from_walk.who));
    return carry_out(plan);
}

// Attributes

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

Result<Path> look_up_directory(const Walk& walk, std::string_view path) {
    Path found = TRY(look_up(walk, path, {.directory = true}));
    TRY(check_permission(found.inode().attributes(), walk.who, may_execute));
    return found;
}

} // namespace file
