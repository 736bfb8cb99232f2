// What procfs shows, read under the locks at one moment.

#include "process/notify.hpp"
#include "process/table.hpp"

#include <cstring>

namespace process {

namespace {

void add_actions(Snapshot& to, SignalActions& actions) {
    for (unsigned number = 1; number <= signal_count; ++number) {
        const auto signal = static_cast<Signal>(number);
        const SignalAction::Kind kind = actions.get(signal).kind;
        if (kind == SignalAction::Kind::ignore)
            to.ignored.add(signal);
        else if (kind == SignalAction::Kind::handler)
            to.caught.add(signal);
    }
}

void add_process(Snapshot& to, Process& process) REQUIRES(tree_lock) {
    to.id = process.id;
    to.parent = process.parent_id.load(std::memory_order_relaxed);
    to.group = process.group_id.load(std::memory_order_relaxed);
    to.session = process.session_id.load(std::memory_order_relaxed);
    to.state = process.state;
    to.threads = process.thread_count;
    to.children = process.children_usage;
    to.exit_status = process.exit_status;
    to.start_time = process.start_time;
    to.nice = process.nice;
    if (process.group && process.group->session.terminal) {
        to.terminal = process.group->session.terminal->device();
        to.foreground_group = process.group->session.terminal->foreground_group();
    }
    std::memcpy(to.name, process.name, sizeof(to.name));
    if (process.actions)
        add_actions(to, *process.actions);
    SpinlockGuard guard(process.lock);
    to.shared_pending = process.pending.set();
    to.credentials = process.credentials;
    to.arguments = process.arguments;
}

void add_thread(Snapshot& to, const thread::Thread& thread) {
    const thread::State state = thread.state.load(std::memory_order_relaxed);
    to.running = to.running || state == thread::State::running || state == thread::State::ready;
    to.sleeping_uninterruptibly =
        state == thread::State::blocked && !thread.interruptible.load(std::memory_order_relaxed);
    to.cpu = thread.cpu.load(std::memory_order_relaxed) ? thread.cpu.load(std::memory_order_relaxed)->index : 0;
    to.pending = thread.member->pending.set();
    to.blocked = thread.member->mask;
    std::memcpy(to.name, thread.name, sizeof(to.name));
}

} // namespace

Snapshot take_snapshot(Process& process) {
    SpinlockGuard guard(tree_lock);
    Snapshot all{};
    add_process(all, process);
    all.usage = usage_locked(process);
    // The leader's name and masks stand for the process; it is the first as long as it lives.
    for (auto thread = process.threads.rbegin(); thread != process.threads.rend(); ++thread)
        add_thread(all, *thread);
    return all;
}

Snapshot take_snapshot(thread::Thread& thread) {
    SpinlockGuard guard(tree_lock);
    Snapshot all{};
    if (!thread.member || !thread.process)
        return all;
    add_process(all, *thread.process);
    add_thread(all, thread);
    all.id = static_cast<Id>(thread.id);
    all.usage = {.user = thread.user_time, .system = thread.system_time};
    return all;
}

} // namespace process
