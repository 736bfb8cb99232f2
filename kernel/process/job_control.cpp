// Groups, sessions and controlling terminals.

#include "process/table.hpp"
#include "process/tree.hpp"

#include <new>

namespace process {

bool is_orphaned_locked(const Group& group, const Process* ignored) {
    for (const Process& member : group.members) {
        const Process* parent = member.parent;
        if (&member == ignored || member.state == State::zombie || !parent || parent->id == first_process_id)
            continue;
        if (parent->group != &group && parent->group && &parent->group->session == &group.session)
            return false;
    }
    return true;
}

bool is_orphaned_group(Id id) {
    SpinlockGuard guard(tree_lock);
    const Group* group = find_group_locked(id);
    return group && is_orphaned_locked(*group, nullptr);
}

Id session_of_group(Id id) {
    SpinlockGuard guard(tree_lock);
    const Group* group = find_group_locked(id);
    return group ? group->session.id : 0;
}

Result<> start_session(Process& process) {
    GroupChange change;
    change.fresh_session = new (std::nothrow) Session(process.id);
    if (!change.fresh_session)
        return fail(Error::no_memory);
    change.fresh_group = new (std::nothrow) Group(process.id, *change.fresh_session);
    if (!change.fresh_group)
        return fail(Error::no_memory);
    SpinlockGuard guard(tree_lock);
    if (find_group_locked(process.id) || find_session_locked(process.id))
        return fail(Error::not_permitted);
    add_session(change);
    join_group(process, add_group(change), change);
    return {};
}

namespace {

/// The process that setpgid(target) means, checked as POSIX orders the checks.
Result<Process*> settable_process(Process& caller, Id target) REQUIRES(tree_lock) {
    Process* process = find_process_locked(target);
    if (!process)
        return fail(Error::no_process);
    if (process->parent == &caller) {
        if (&process->group->session != &caller.group->session)
            return fail(Error::not_permitted);
        if (process->has_executed)
            return fail(Error::access_denied);
    } else if (process != &caller) {
        return fail(Error::no_process);
    }
    if (find_session_locked(process->id) && process->session_id.load(std::memory_order_relaxed) == process->id)
        return fail(Error::not_permitted); // a session leader
    return process;
}

} // namespace

Result<> set_group(Process& caller, Id target, Id group_id) {
    const Id process_id = target == 0 ? caller.id : target;
    const Id wanted = group_id == 0 ? process_id : group_id;
    if (wanted < 0)
        return fail(Error::invalid_argument);
    GroupChange change;
    SpinlockGuard guard(tree_lock);
    Process& process = *TRY(settable_process(caller, process_id));
    Group* group = find_group_locked(wanted);
    if (group ? &group->session != &process.group->session : wanted != process.id)
        return fail(Error::not_permitted);
    if (!group) {
        // The only allocation under this lock; the pool's own locks are leaves below it.
        change.fresh_group = new (std::nothrow) Group(wanted, process.group->session);
        if (!change.fresh_group)
            return fail(Error::no_memory);
        group = &add_group(change);
    }
    join_group(process, *group, change);
    return {};
}

Ref<ControllingTerminal> controlling_terminal(Process& process) {
    SpinlockGuard guard(tree_lock);
    return process.group ? process.group->session.terminal : nullptr;
}

Result<> set_controlling_terminal(Process& process, Ref<ControllingTerminal> terminal) {
    SpinlockGuard guard(tree_lock);
    Session& session = process.group->session;
    if (session.id != process.id || session.terminal)
        return fail(Error::not_permitted);
    session.terminal = std::move(terminal);
    return {};
}

void drop_controlling_terminal(Id id) {
    Ref<ControllingTerminal> dropped; // goes after the lock
    SpinlockGuard guard(tree_lock);
    if (Session* session = find_session_locked(id))
        dropped = std::move(session->terminal);
}

} // namespace process
