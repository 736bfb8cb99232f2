// How threads and processes end, stop and go on.

#include "abi/personality.hpp"
#include "memory/address_space.hpp"
#include "process/cpu_timer.hpp"
#include "process/lifecycle.hpp"
#include "process/notify.hpp"
#include "process/send.hpp"
#include "process/table.hpp"
#include "process/tree.hpp"
#include "thread/scheduler.hpp"

#include <cstring>

namespace process {

namespace {

void post(thread::Thread& thread, std::uint32_t work) {
    if (thread.state.load() == thread::State::created)
        thread.work.fetch_or(work); // it looks at it when it starts
    else
        thread::post_work(thread, work);
}

Usage usage_of_thread(const thread::Thread& thread) {
    return {.user = thread.user_time, .system = thread.system_time};
}

/// The state is stopped once every thread has noticed.
void finish_stop(Process& process) REQUIRES(tree_lock) {
    if (process.stop_signal == Signal::none || process.state != State::alive
        || process.stopped_threads < process.thread_count || process.thread_count == 0)
        return;
    process.state = State::stopped;
    process.stop_reported = false;
    tell_parent(process, ChildEvent::stopped, static_cast<int>(process.stop_signal));
}

/// Who adopts the children of `process`: an ancestor that asked for it, else the first process; null: it is the first
/// itself.
Process* find_adopter(Process& process) REQUIRES(tree_lock) {
    for (Process* ancestor = process.parent; ancestor; ancestor = ancestor->parent)
        if (ancestor->adopts_orphans && ancestor->state != State::zombie)
            return ancestor;
    Process* first = find_process_locked(first_process_id);
    return first == &process ? nullptr : first;
}

bool has_stopped_member(const Group& group) REQUIRES(tree_lock) {
    for (const Process& member : group.members)
        if (member.state == State::stopped)
            return true;
    return false;
}

/// True when a member whose parent is `parent` keeps its group from being an orphan.
bool links_group(const Process& parent, const Group& group) REQUIRES(tree_lock) {
    return parent.group != &group && parent.group && &parent.group->session == &group.session;
}

/// A group that becomes an orphan because `parent` and its child `leaving` part, while a member is stopped, is hung up
/// and continued (POSIX 2.2.2.52, _Exit). A group that was one already stays as it is.
void release_orphaned_group(Group& group, const Process& leaving, const Process& parent) REQUIRES(tree_lock) {
    if (!links_group(parent, group) || !has_stopped_member(group) || !is_orphaned_locked(group, &leaving))
        return;
    for (const Signal signal : {Signal::hangup, Signal::resume})
        for (Process& member : group.members)
            send_locked(member, {.signal = signal});
}

void reparent_children(Process& process, Process* adopter) REQUIRES(tree_lock) {
    while (!process.children.empty()) {
        Process& child = process.children.front();
        Group& group = *child.group;
        set_parent(child, adopter);
        child.exit_signal = Signal::child;
        if (child.parent_death_signal != Signal::none)
            send_locked(child, {.signal = child.parent_death_signal, .source = SignalSource::kernel});
        if (child.state == State::zombie)
            tell_parent(child, child.exit_status.event, child.exit_status.value);
        release_orphaned_group(group, process, process);
    }
}

/// True: nobody will wait for it.
bool is_reaped_at_once(Process& process) REQUIRES(tree_lock) {
    if (!process.parent)
        return true;
    if (process.exit_signal != Signal::child)
        return false;
    const SignalAction action = process.parent->actions->get(Signal::child);
    return action.kind == SignalAction::Kind::ignore || action.has(SignalAction::no_child_wait);
}

/// The thread gives its memory back and runs on in the kernel's own address space.
void leave_address_space(thread::Thread& self) {
    if (!self.address_space)
        return;
    self.address_space->detach_thread(self);
    InterruptGuard no_interrupts;
    self.address_space = nullptr;
    memory::switch_address_space(nullptr);
}

/// A session's leader ends: its terminal is free, and the group in the foreground is told.
void end_session(Process& leader) {
    Ref<ControllingTerminal> terminal;
    {
        SpinlockGuard guard(tree_lock);
        if (!leader.group || leader.group->session.id != leader.id)
            return;
        terminal = std::move(leader.group->session.terminal);
    }
    if (!terminal)
        return;
    const Id foreground = terminal->foreground_group();
    if (foreground != 0) {
        send_to_group(foreground, Signal::hangup);
        send_to_group(foreground, Signal::resume);
    }
    terminal->session_ended(leader.id);
}

/// What the last thread gives back before the process is a zombie. May sleep.
void release_resources(Process& process) {
    process.real_timer.stop();
    process.posix_timers.clear();
    stop_cpu_timers(process);
    end_session(process);
    Ref<memory::AddressSpace> space;
    Ref<file::FileTable> files;
    Ref<file::WorkingDirectory> directory;
    file::Path executable;
    {
        SpinlockGuard guard(process.lock);
        space = std::move(process.address_space);
        files = std::move(process.files);
        directory = std::move(process.directory);
        executable = std::exchange(process.executable, {});
    }
    if (executable)
        executable.inode().end_execution();
}

/// The thread leaves the process; the last one makes it a zombie. Returns the process when nobody will ask for it.
Ref<Process> leave_process(thread::Thread& self, bool last, GroupChange& change) {
    Process& process = *self.process;
    SpinlockGuard guard(tree_lock);
    process.ended_threads.add(usage_of_thread(self));
    if (static_cast<Id>(self.id) == process.id)
        std::memcpy(process.name, self.name, sizeof(process.name));
    remove(*self.member, process);
    self.process = nullptr;
    if (!last) {
        process.thread_event.wake_all();
        finish_stop(process);
        return {};
    }
    finish_vfork(process);
    reparent_children(process, find_adopter(process));
    if (process.parent)
        release_orphaned_group(*process.group, process, *process.parent);
    process.state = State::zombie;
    const bool reaped = is_reaped_at_once(process);
    if (process.parent)
        tell_parent(process, process.exit_status.event, process.exit_status.value);
    if (!reaped)
        return {};
    leave_group(process, change);
    return remove(process);
}

/// True: no other thread stays, so this one sees to the rest.
bool begin_leaving(thread::Thread& self) {
    Process& process = *self.process;
    SpinlockGuard guard(tree_lock);
    self.member->leaving = true;
    if (--process.staying_threads != 0)
        return false;
    process.ending.store(true); // nobody may enter any more
    return true;
}

/// The last thread waits for those that are still on their way out: what they hold goes with them.
void wait_for_others(Process& process) {
    SpinlockGuard guard(tree_lock);
    while (process.thread_count > 1)
        process.thread_event.wait_uninterruptible(tree_lock);
}

/// All of the end but the thread itself.
void finish(thread::Thread& self) {
    GroupChange change;
    const Ref<Process> process = Ref<Process>::share(self.process);
    Member* member = self.member;
    const bool last = begin_leaving(self);
    if (last)
        wait_for_others(*process);
    leave_address_space(self);
    if (last)
        release_resources(*process);
    const Ref<Process> gone = leave_process(self, last, change);
    delete member;
}

} // namespace

void tell_parent(Process& child, ChildEvent event, int status) {
    Process* parent = child.parent;
    if (!parent)
        return;
    parent->child_event.wake_all();
    const bool ended = event == ChildEvent::exited || event == ChildEvent::killed || event == ChildEvent::dumped;
    const Signal signal = ended ? child.exit_signal : Signal::child;
    if (signal == Signal::none || !parent->actions)
        return;
    if (!ended && parent->actions->get(Signal::child).has(SignalAction::no_child_stop))
        return;
    const Usage usage = usage_locked(child);
    SignalInfo info{
        .signal = signal,
        .source = SignalSource::child,
        .child = event,
        .status = status,
        .sender = child.id,
        .user_time = usage.user,
        .system_time = usage.system,
    };
    {
        SpinlockGuard guard(child.lock);
        info.user = child.credentials.user;
    }
    send_locked(*parent, info);
}

void finish_vfork(Process& process) {
    if (std::exchange(process.vfork_running, false))
        process.thread_event.wake_all();
}

void request_exit_locked(Process& target, ExitStatus status) {
    if (target.state == State::zombie || target.ending.load(std::memory_order_relaxed))
        return;
    target.exit_status = status;
    target.ending.store(true);
    for (thread::Thread& thread : target.threads)
        post(thread, thread::work_exit);
    target.resumed.wake_all();
}

void request_exit(Process& process, ExitStatus status) {
    SpinlockGuard guard(tree_lock);
    request_exit_locked(process, status);
}

void exit_process(ExitStatus status) {
    request_exit(current(), status);
    end_current_thread();
}

void exit_thread(std::uint8_t status) {
    thread::Thread& self = thread::current();
    Process& process = *self.process;
    {
        SpinlockGuard guard(tree_lock);
        if (!process.ending.load(std::memory_order_relaxed) && process.staying_threads == 1)
            request_exit_locked(process, {ChildEvent::exited, status});
    }
    end_current_thread();
}

void end_current_thread() {
    thread::Thread& self = thread::current();
    if (self.personality)
        self.personality->thread_ended(self);
    finish(self); // nothing that owns anything may be left in this function, which never returns
    thread::exit_current();
}

void stop_locked(Process& target, Signal signal) {
    if (target.stop_signal != Signal::none || target.ending.load(std::memory_order_relaxed))
        return;
    target.stop_signal = signal;
    ++target.stop_generation;
    target.stopped_threads = 0;
    target.continue_pending = false;
    for (thread::Thread& thread : target.threads)
        post(thread, thread::work_stop);
}

void resume_locked(Process& target) {
    if (target.stop_signal == Signal::none)
        return;
    const bool was_stopped = target.state == State::stopped;
    target.stop_signal = Signal::none;
    target.stopped_threads = 0;
    if (was_stopped) {
        target.state = State::alive;
        target.continue_pending = true;
        tell_parent(target, ChildEvent::continued, static_cast<int>(Signal::resume));
    }
    for (thread::Thread& thread : target.threads)
        thread.work.fetch_and(~std::uint32_t{thread::work_stop});
    target.resumed.wake_all();
}

void stop_current() {
    thread::Thread& self = thread::current();
    Process& process = *self.process;
    SpinlockGuard guard(tree_lock);
    unsigned seen = process.stop_generation - 1;
    while (process.stop_signal != Signal::none && !process.ending.load(std::memory_order_relaxed)
           && (!process.exec_thread || process.exec_thread == &self)) {
        if (seen != process.stop_generation) {
            seen = process.stop_generation;
            ++process.stopped_threads;
            finish_stop(process);
        }
        process.resumed.wait_uninterruptible(tree_lock);
    }
    self.work.fetch_and(~std::uint32_t{thread::work_stop});
}

Result<> become_only_thread(thread::Thread& caller) {
    Process& process = *caller.process;
    SpinlockGuard guard(tree_lock);
    if (process.ending.load(std::memory_order_relaxed) || process.exec_thread)
        return fail(Error::restart);
    process.exec_thread = &caller;
    for (thread::Thread& thread : process.threads)
        if (&thread != &caller)
            post(thread, thread::work_exit);
    process.resumed.wake_all();
    while (process.thread_count > 1)
        process.thread_event.wait_uninterruptible(tree_lock);
    process.exec_thread = nullptr;
    if (static_cast<Id>(caller.id) != process.id) {
        Member& member = *caller.member;
        remove(member, process);
        --process.staying_threads;
        insert(member, process, process.id);
    }
    return {};
}

Usage usage_locked(Process& process) {
    Usage all = process.ended_threads;
    for (const thread::Thread& thread : process.threads)
        all.add(usage_of_thread(thread));
    return all;
}

Usage usage_of(Process& process) {
    SpinlockGuard guard(tree_lock);
    return usage_locked(process);
}

} // namespace process
