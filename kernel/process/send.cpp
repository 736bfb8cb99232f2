#include "process/send.hpp"

#include "process/lifecycle.hpp"
#include "process/notify.hpp"
#include "process/table.hpp"
#include "process/tree.hpp"
#include "thread/scheduler.hpp"

#include <new>

namespace process {

namespace {

/// Room for a signal's information, allocated before the locks and freed behind them when it was not needed.
class Entry {
public:
    explicit Entry(const SignalInfo& info) {
        // What the kernel sends without more information needs no room.
        if (info.source != SignalSource::kernel || static_cast<unsigned>(info.signal) >= first_queued_signal)
            entry_ = new (std::nothrow) QueuedSignal;
    }
    ~Entry() { delete entry_; }
    Entry(const Entry&) = delete;
    void give(PendingSignals& to, const SignalInfo& info) { entry_ = to.add(info, entry_); }

private:
    QueuedSignal* entry_ = nullptr;
};

/// A stop forgets the pending continuation and the reverse (POSIX 2.4.1).
void discard_opposite(Process& target, Signal signal) REQUIRES(tree_lock) REQUIRES(target.lock) {
    SignalSet opposite;
    if (signal == Signal::resume)
        opposite = stop_signals;
    else if (stop_signals.contains(signal))
        opposite = SignalSet::of(Signal::resume);
    else
        return;
    target.pending.discard(opposite);
    for (thread::Thread& thread : target.threads)
        thread.member->pending.discard(opposite);
}

bool is_protected(const Process& target) {
    return target.id == first_process_id;
}

/// True when the signal would have no effect at all, so that it need not be kept.
bool is_dropped(Process& target, const Member* only, Signal signal) REQUIRES(tree_lock) REQUIRES(target.lock) {
    if (is_protected(target) && target.actions->get(signal).kind == SignalAction::Kind::standard)
        return true;
    if (!target.actions->is_ignored(signal))
        return false;
    // Blocked signals are kept even if ignored: the action may change before they are let in.
    const thread::Thread* first = target.threads.empty() ? nullptr : &target.threads.front();
    const Member* member = only ? only : (first ? first->member : nullptr);
    return !member || !(member->mask | member->waited_for).contains(signal);
}

/// The thread that is to take a signal sent to the process: one that does not block it; null: all do.
thread::Thread* choose_thread(Process& target, Signal signal) REQUIRES(tree_lock) REQUIRES(target.lock) {
    for (thread::Thread& thread : target.threads) {
        const Member& member = *thread.member;
        if (!member.leaving && !member.mask.contains(signal))
            return &thread;
    }
    return nullptr;
}

void wake_for_signal(thread::Thread& thread) {
    if (thread.state.load() == thread::State::created)
        thread.work.fetch_or(thread::work_signal);
    else
        thread::post_work(thread, thread::work_signal);
}

/// The one way in for all signals. `only`: this thread of the target.
void deliver(Process& target, thread::Thread* only, const SignalInfo& info, Entry& entry) REQUIRES(tree_lock) {
    const Signal signal = info.signal;
    if (target.state == State::zombie || target.ending.load(std::memory_order_relaxed) || signal == Signal::none)
        return;
    if (signal == Signal::resume)
        resume_locked(target);
    SpinlockGuard guard(target.lock);
    discard_opposite(target, signal);
    if (is_dropped(target, only ? only->member : nullptr, signal))
        return;
    if (signal == Signal::kill) // no choice is left to the target: not even its threads are asked
        return request_exit_locked(target, {ChildEvent::killed, static_cast<std::uint8_t>(Signal::kill)});
    entry.give(only ? only->member->pending : target.pending, info);
    target.signal_event.wake_all();
    if (!only)
        only = choose_thread(target, signal);
    else if (only->member->mask.contains(signal))
        only = nullptr;
    if (only)
        wake_for_signal(*only);
}

} // namespace

void send_locked(Process& target, const SignalInfo& info) {
    Entry entry(info);
    deliver(target, nullptr, info, entry);
}

void send(Process& target, const SignalInfo& info) {
    Entry entry(info);
    SpinlockGuard guard(tree_lock);
    deliver(target, nullptr, info, entry);
}

void send(thread::Thread& target, const SignalInfo& info) {
    Entry entry(info);
    SpinlockGuard guard(tree_lock);
    if (target.member && target.process)
        deliver(*target.process, &target, info, entry);
}

void send(Process& target, Signal signal) {
    send(target, SignalInfo{.signal = signal});
}

bool send_to_group(Id id, const SignalInfo& info) {
    SpinlockGuard guard(tree_lock);
    Group* group = find_group_locked(id);
    if (!group)
        return false;
    for (Process& member : group->members)
        send_locked(member, info);
    return true;
}

bool send_to_group(Id id, Signal signal) {
    return send_to_group(id, SignalInfo{.signal = signal});
}

void force(thread::Thread& current, const SignalInfo& info) {
    Entry entry(info);
    SpinlockGuard guard(tree_lock);
    Process& process = *current.process;
    if (process.ending.load(std::memory_order_relaxed))
        return;
    SpinlockGuard process_guard(process.lock);
    const SignalAction action = process.actions->get(info.signal);
    if (action.kind == SignalAction::Kind::ignore || current.member->mask.contains(info.signal)) {
        process.actions->set(info.signal, {});
        current.member->mask.remove(info.signal);
    }
    entry.give(current.member->pending, info);
    wake_for_signal(current);
}

bool may_signal(Process& sender, Process& target, Signal signal) {
    const Credentials from = sender.credentials_of();
    if (from.is_root())
        return true;
    const Credentials to = target.credentials_of();
    for (const std::uint32_t user : {from.user, from.effective_user})
        if (user == to.user || user == to.saved_user)
            return true;
    return signal == Signal::resume
           && sender.session_id.load(std::memory_order_relaxed) == target.session_id.load(std::memory_order_relaxed);
}

namespace {

/// Counts what kill() did to a set of processes.
struct KillCount {
    unsigned sent = 0, refused = 0;

    Result<> result() const {
        if (sent != 0)
            return {};
        return fail(refused != 0 ? Error::not_permitted : Error::no_process);
    }
};

void kill_one(Process& sender, Process& target, const SignalInfo& info, KillCount& count) REQUIRES(tree_lock) {
    if (!may_signal(sender, target, info.signal)) {
        ++count.refused;
        return;
    }
    ++count.sent;
    send_locked(target, info);
}

} // namespace

Result<> kill(Process& sender, Id pid, const SignalInfo& info) {
    KillCount count;
    SpinlockGuard guard(tree_lock);
    if (pid > 0) {
        if (Process* target = find_process_locked(pid))
            kill_one(sender, *target, info, count);
        return count.result();
    }
    if (pid == -1) {
        // Everything but the caller and the first process. The table may not change while the lock is held.
        for (Process* target = next_process_locked(0); target; target = next_process_locked(target->id + 1))
            if (target != &sender && !is_protected(*target))
                kill_one(sender, *target, info, count);
        return count.result();
    }
    if (pid == std::numeric_limits<Id>::min())
        return fail(Error::no_process);
    Group* group = pid == 0 ? sender.group : find_group_locked(-pid);
    if (group)
        for (Process& target : group->members)
            kill_one(sender, target, info, count);
    return count.result();
}

} // namespace process
