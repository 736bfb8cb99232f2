#include "file/name_checks.hpp"
#include "file/operations.hpp"
#include "file/tree_walk.hpp"

namespace file {

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
    if (is_mount_point(plan.from_directory, plan.source))
        return fail(Error::busy);
    if (plan.target && is_mount_point(plan.to_directory, plan.target))
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
    TRY(from.rename(plan.from_name, a.inode(), to, plan.to_name, nullptr));
    return to.rename(plan.to_name, b.inode(), from, plan.from_name, nullptr);
}

Result<> carry_out(const Renaming& plan) REQUIRES(tree_lock()) {
    if (plan.mode == RenameMode::exchange)
        return exchange(plan);
    Inode& from = plan.from_directory.inode();
    Inode& to = plan.to_directory.inode();
    if (!from.file_system().keeps_entries())
        return from.rename(
            plan.from_name, plan.source.inode(), to, plan.to_name, plan.target ? &plan.target.inode() : nullptr);
    if (plan.target)
        TRY(remove_entry(plan.to_directory, plan.to_name, plan.target));
    TRY(move_entry(*plan.source.entry, plan.from_directory, plan.to_directory, plan.to_name));
    return from.rename(plan.from_name, plan.source.inode(), to, plan.to_name, nullptr);
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

} // namespace file
