#pragma once
// The tables behind table.hpp, for the code that makes and ends processes. All of it under tree_lock.

#include "process/table.hpp"

namespace process {

/// A number that no process, thread, group or session uses; 0: all are in use.
Id allocate_id() REQUIRES(tree_lock);

void insert(Process& process) REQUIRES(tree_lock); // the table holds a reference from now on
/// Takes a dead process out of table, tree and group; the caller gets the table's reference and drops it without the
/// lock.
Ref<Process> remove(Process& process) REQUIRES(tree_lock);

/// Gives the thread its place: member->thread.process.
void insert(Member& member, Process& process, Id id) REQUIRES(tree_lock);
void remove(Member& member, Process& process) REQUIRES(tree_lock);

/// The process with the lowest number >= `from`; null: no more.
Process* next_process_locked(Id from) REQUIRES(tree_lock);

void set_parent(Process& child, Process* parent) REQUIRES(tree_lock);

/// Objects that a call may need and those it frees, so that memory is handled without the lock.
struct GroupChange {
    Group* fresh_group = nullptr; // made before the lock was taken; null when used
    Session* fresh_session = nullptr;
    Group* freed_group = nullptr;
    Session* freed_session = nullptr;

    GroupChange() = default;
    GroupChange(const GroupChange&) = delete;
    ~GroupChange();
};
/// Both take the process out of its group first.
void join_group(Process& process, Group& group, GroupChange& change) REQUIRES(tree_lock);
void leave_group(Process& process, GroupChange& change) REQUIRES(tree_lock);
/// Adds an empty group to the table. `change.fresh_group` must be set.
Group& add_group(GroupChange& change) REQUIRES(tree_lock);
Session& add_session(GroupChange& change) REQUIRES(tree_lock);

/// `ignored`: a process that is counted as gone.
bool is_orphaned_locked(const Group& group, const Process* ignored) REQUIRES(tree_lock);

} // namespace process
