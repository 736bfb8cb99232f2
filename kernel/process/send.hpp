#pragma once
// Sending signals, and taking what is to be delivered.

#include "process/process.hpp"

namespace process {

/// All senders: any context, interrupt handlers too; not with tree_lock or the target's lock held. Ending processes
/// ignore signals.
void send(Process& target, const SignalInfo& info) EXCLUDES(tree_lock);
/// To one thread. A fatal or stopping signal still hits the whole process.
void send(thread::Thread& target, const SignalInfo& info) EXCLUDES(tree_lock);
/// To all members of a group. False: no such group.
bool send_to_group(Id group, const SignalInfo& info) EXCLUDES(tree_lock);
/// For signals without more information: source kernel.
void send(Process& target, Signal signal) EXCLUDES(tree_lock);
bool send_to_group(Id group, Signal signal) EXCLUDES(tree_lock);

/// A signal that the running thread's own instruction raised: cannot be blocked or ignored; then it kills.
void force(thread::Thread& current, const SignalInfo& info) EXCLUDES(tree_lock);

/// True when `sender` may send to `target` (kill(2): root, or the same user; resume within a session).
bool may_signal(Process& sender, Process& target, Signal signal);

/// kill(2): pid > 0 a process; 0 the caller's group; -1 all that the caller may signal but itself and pid 1; else group
/// -pid. Signal none only checks. Errors: no_process, not_permitted.
Result<> kill(Process& sender, Id pid, const SignalInfo& info) EXCLUDES(tree_lock);

/// A signal that is to be delivered to a handler, with the action that was in force.
struct Delivery {
    SignalInfo info;
    SignalAction action;
    explicit operator bool() const { return info.signal != Signal::none; }
};
/// Takes what is pending and not blocked for the running thread and does all default actions: ignores, stops until
/// resumed, or ends the thread (then it does not return). Returns the first that has a handler; signal none: nothing
/// left. Interrupts on, no locks.
Delivery take_delivery(thread::Thread& current) EXCLUDES(tree_lock);

/// Replaces the mask of the running thread (unblockable signals are dropped from it); what becomes deliverable sets
/// work_signal.
void set_mask(thread::Thread& current, SignalSet mask);
/// Until the return from the call: the former mask comes back after a handler was set up (sigsuspend, ppoll).
void set_temporary_mask(thread::Thread& current, SignalSet mask);
/// Pending for the thread or its process.
SignalSet pending_signals(thread::Thread& thread);
/// Sets or clears work_signal by what is pending and not blocked. After any change of mask, pending or actions.
void update_work(Process& process, thread::Thread& thread) REQUIRES(process.lock);

/// Waits until one of `wanted` (blocked or not) is pending and takes it. Errors: timed_out (try_again is the
/// personality's word), restart.
Result<SignalInfo> wait_for_signal(thread::Thread& current, SignalSet wanted, thread::Time deadline);
/// Takes one of `wanted` if there is one, else signal none.
SignalInfo try_take_signal(thread::Thread& current, SignalSet wanted);

/// sigaction: an action that ignores also forgets what is pending.
SignalAction set_action(Process& process, Signal signal, const SignalAction& action) EXCLUDES(tree_lock);

} // namespace process
