// Taking signals: what a thread does with those that are pending for it.

#include "process/lifecycle.hpp"
#include "process/notify.hpp"
#include "process/send.hpp"
#include "process/table.hpp"
#include "process/tree.hpp"
#include "thread/scheduler.hpp"

namespace process {

namespace {

SignalInfo take_locked(Process& process, Member& member, SignalSet wanted) REQUIRES(process.lock) {
    SignalInfo info = member.pending.take(wanted);
    return info.signal != Signal::none ? info : process.pending.take(wanted);
}

/// The next signal for a thread with its action, out of the queues; one-shot actions are used up.
Delivery take_next(thread::Thread& current) {
    Process& process = *current.process;
    SpinlockGuard guard(process.lock);
    Delivery next{.info = take_locked(process, *current.member, SignalSet::all() - current.member->mask), .action = {}};
    if (!next) {
        update_work(process, current);
        return next;
    }
    next.action = process.actions->get(next.info.signal);
    if (next.action.kind == SignalAction::Kind::handler && next.action.has(SignalAction::one_shot))
        process.actions->set(next.info.signal, {});
    return next;
}

/// Job control stops do nothing to a group that nobody could continue.
void stop_by_default(thread::Thread& current, Signal signal) {
    {
        SpinlockGuard guard(tree_lock);
        Process& process = *current.process;
        if (signal != Signal::stop && is_orphaned_locked(*process.group, nullptr))
            return;
        stop_locked(process, signal);
    }
    stop_current();
}

} // namespace

Delivery take_delivery(thread::Thread& current) {
    for (;;) {
        // The end of the process goes before every handler.
        if (current.process->ending.load(std::memory_order_acquire))
            end_current_thread();
        const Delivery next = take_next(current);
        if (!next || next.action.kind == SignalAction::Kind::handler)
            return next;
        if (next.action.kind == SignalAction::Kind::ignore || current.process->id == first_process_id)
            continue;
        switch (default_action(next.info.signal)) {
        case DefaultAction::ignore:
        case DefaultAction::resume:
            break;
        case DefaultAction::stop:
            stop_by_default(current, next.info.signal);
            break;
        case DefaultAction::terminate:
        case DefaultAction::dump: // no core files are written, so it is said of none
            exit_process({ChildEvent::killed, static_cast<std::uint8_t>(next.info.signal)});
        }
    }
}

void update_work(Process& process, thread::Thread& thread) {
    const Member& member = *thread.member;
    const SignalSet pending = member.pending.set() | process.pending.set();
    if ((pending - member.mask).empty())
        thread.work.fetch_and(~std::uint32_t{thread::work_signal});
    else
        thread.work.fetch_or(thread::work_signal);
}

void set_mask(thread::Thread& current, SignalSet mask) {
    Process& process = *current.process;
    SpinlockGuard guard(process.lock);
    current.member->mask = mask - unblockable;
    update_work(process, current);
}

void set_temporary_mask(thread::Thread& current, SignalSet mask) {
    current.member->saved_mask = current.member->mask;
    set_mask(current, mask);
    current.work.fetch_or(thread::work_restore_mask);
}

SignalSet pending_signals(thread::Thread& thread) {
    Process& process = *thread.process;
    SpinlockGuard guard(process.lock);
    return thread.member->pending.set() | process.pending.set();
}

SignalInfo try_take_signal(thread::Thread& current, SignalSet wanted) {
    Process& process = *current.process;
    SpinlockGuard guard(process.lock);
    const SignalInfo info = take_locked(process, *current.member, wanted - unblockable);
    update_work(process, current);
    return info;
}

Result<SignalInfo> wait_for_signal(thread::Thread& current, SignalSet wanted, thread::Time deadline) {
    Process& process = *current.process;
    Member& member = *current.member;
    wanted = wanted - unblockable;
    SpinlockGuard guard(process.lock);
    for (;;) {
        const SignalInfo info = take_locked(process, member, wanted);
        update_work(process, current);
        if (info.signal != Signal::none)
            return info;
        // While it sleeps an awaited signal counts as let in, so that it is neither dropped nor delivered.
        member.waited_for = wanted;
        const auto slept = process.signal_event.wait(process.lock, deadline);
        member.waited_for = {};
        if (!slept && slept.error() == Error::timed_out)
            return fail(Error::timed_out);
        if (!slept && ((member.pending.set() | process.pending.set()) & wanted).empty())
            return fail(slept.error());
    }
}

SignalAction set_action(Process& process, Signal signal, const SignalAction& action) {
    const SignalAction former = process.actions->set(signal, action);
    if (process.actions->is_ignored(signal)) {
        SpinlockGuard tree(tree_lock);
        SpinlockGuard guard(process.lock);
        const SignalSet which = SignalSet::of(signal);
        process.pending.discard(which);
        for (thread::Thread& thread : process.threads)
            thread.member->pending.discard(which);
    }
    return former;
}

} // namespace process
