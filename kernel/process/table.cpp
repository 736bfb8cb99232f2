#include "process/table.hpp"

#include "process/tree.hpp"

#include <new>

namespace process {

namespace {

struct ProcessId {
    using type = Id;
    type operator()(const Process& process) const { return process.id; }
};
struct ThreadId {
    using type = Id;
    type operator()(const Member& member) const { return static_cast<Id>(member.thread.id); }
};
struct GroupId {
    using type = Id;
    type operator()(const Group& group) const { return group.id; }
};
struct SessionId {
    using type = Id;
    type operator()(const Session& session) const { return session.id; }
};

struct Tables {
    intrusive::set<Process, intrusive::base_hook<ByIdHook>, intrusive::key_of_value<ProcessId>> processes;
    intrusive::set<Member, intrusive::member_hook<Member, SetHook, &Member::by_id>, intrusive::key_of_value<ThreadId>>
        threads;
    intrusive::set<Group, intrusive::member_hook<Group, SetHook, &Group::by_id>, intrusive::key_of_value<GroupId>>
        groups;
    intrusive::set<
        Session, intrusive::member_hook<Session, SetHook, &Session::by_id>, intrusive::key_of_value<SessionId>>
        sessions;
    Id last_id = 0;
};

Tables& tables() REQUIRES(tree_lock) {
    [[clang::no_destroy]] static Tables all;
    return all;
}

constexpr Id first_after_wrap = 300; // numbers below stay with the long-lived ones, as on Linux

template <typename Set>
auto* find_in(Set& set, Id id) {
    auto found = set.find(id);
    return found == set.end() ? nullptr : &*found;
}

} // namespace

GroupChange::~GroupChange() {
    delete fresh_group;
    delete fresh_session;
    delete freed_group;
    delete freed_session;
}

Process* find_process_locked(Id id) {
    return find_in(tables().processes, id);
}

thread::Thread* find_thread_locked(Id id) {
    Member* member = find_in(tables().threads, id);
    return member ? &member->thread : nullptr;
}

Group* find_group_locked(Id id) {
    return find_in(tables().groups, id);
}

Session* find_session_locked(Id id) {
    return find_in(tables().sessions, id);
}

Ref<Process> find_process(Id id) {
    SpinlockGuard guard(tree_lock);
    return Ref<Process>::share(find_process_locked(id));
}

Ref<thread::Thread> find_thread(Id id) {
    SpinlockGuard guard(tree_lock);
    return Ref<thread::Thread>::share(find_thread_locked(id));
}

Process* next_process_locked(Id from) {
    auto found = tables().processes.lower_bound(from);
    return found == tables().processes.end() ? nullptr : &*found;
}

Ref<Process> next_process(Id from) {
    SpinlockGuard guard(tree_lock);
    return Ref<Process>::share(next_process_locked(from));
}

Ref<thread::Thread> next_thread(Process& process, Id from) {
    SpinlockGuard guard(tree_lock);
    thread::Thread* best = nullptr;
    for (thread::Thread& thread : process.threads)
        if (static_cast<Id>(thread.id) >= from && (!best || thread.id < best->id))
            best = &thread;
    return Ref<thread::Thread>::share(best);
}

Counts counts() {
    constexpr unsigned at_once = 32; // threads looked at under the lock, with interrupts off
    unsigned running = 0;
    for (Id next = 0;;) {
        SpinlockGuard guard(tree_lock);
        auto at = tables().threads.lower_bound(next);
        for (unsigned i = 0; i < at_once && at != tables().threads.end(); ++i, ++at) {
            const thread::State state = at->thread.state.load(std::memory_order_relaxed);
            running += state == thread::State::running || state == thread::State::ready;
        }
        if (at == tables().threads.end())
            return {
                .processes = static_cast<unsigned>(tables().processes.size()),
                .threads = static_cast<unsigned>(tables().threads.size()),
                .running = running,
                .last_id = tables().last_id,
            };
        next = static_cast<Id>(at->thread.id);
    }
}

unsigned count_processes(const abi::Personality& personality) {
    SpinlockGuard guard(tree_lock);
    unsigned count = 0;
    for (const Process& process : tables().processes)
        count += process.personality == &personality;
    return count;
}

Id allocate_id() {
    Tables& all = tables();
    for (Id tries = 0; tries < max_id; ++tries) {
        all.last_id = all.last_id + 1 < max_id ? all.last_id + 1 : first_after_wrap;
        const Id id = all.last_id;
        if (!find_process_locked(id) && !find_thread_locked(id) && !find_group_locked(id) && !find_session_locked(id))
            return id;
    }
    return 0;
}

void insert(Process& process) {
    process.add_reference();
    tables().processes.insert(process);
}

void insert(Member& member, Process& process, Id id) {
    member.thread.id = static_cast<std::uint32_t>(id);
    member.thread.process = &process;
    member.thread.member = &member;
    tables().threads.insert(member);
    process.threads.push_back(member.thread);
    ++process.thread_count;
    ++process.staying_threads;
}

void remove(Member& member, Process& process) {
    tables().threads.erase(tables().threads.iterator_to(member));
    process.threads.erase(process.threads.iterator_to(member.thread));
    --process.thread_count;
    member.thread.member = nullptr;
}

Ref<Process> remove(Process& process) {
    tables().processes.erase(tables().processes.iterator_to(process));
    set_parent(process, nullptr);
    return Ref<Process>::adopt(&process);
}

void set_parent(Process& child, Process* parent) {
    if (child.parent)
        child.parent->children.erase(child.parent->children.iterator_to(child));
    child.parent = parent;
    child.parent_id.store(parent ? parent->id : 0, std::memory_order_relaxed);
    if (parent)
        parent->children.push_back(child);
}

Group& add_group(GroupChange& change) {
    Group& group = *std::exchange(change.fresh_group, nullptr);
    tables().groups.insert(group);
    ++group.session.groups;
    return group;
}

Session& add_session(GroupChange& change) {
    Session& session = *std::exchange(change.fresh_session, nullptr);
    tables().sessions.insert(session);
    return session;
}

void leave_group(Process& process, GroupChange& change) {
    Group* group = std::exchange(process.group, nullptr);
    if (!group)
        return;
    group->members.erase(group->members.iterator_to(process));
    if (!group->members.empty())
        return;
    tables().groups.erase(tables().groups.iterator_to(*group));
    change.freed_group = group;
    if (--group->session.groups != 0)
        return;
    tables().sessions.erase(tables().sessions.iterator_to(group->session));
    change.freed_session = &group->session;
}

void join_group(Process& process, Group& group, GroupChange& change) {
    if (process.group == &group)
        return;
    leave_group(process, change);
    process.group = &group;
    group.members.push_back(process);
    process.group_id.store(group.id, std::memory_order_relaxed);
    process.session_id.store(group.session.id, std::memory_order_relaxed);
}

} // namespace process
