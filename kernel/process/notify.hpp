#pragma once
// What the tree's own code does to processes while it holds the lock.

#include "process/lifecycle.hpp"

namespace process {

/// send() for holders of the lock; allocates from the pool, whose locks are leaves.
void send_locked(Process& target, const SignalInfo& info) REQUIRES(tree_lock);

/// All threads are to end. The first status counts.
void request_exit_locked(Process& target, ExitStatus status) REQUIRES(tree_lock);

/// Ends a stop, if there is one, and tells the parent.
void resume_locked(Process& target) REQUIRES(tree_lock);

/// A stop begins: every thread is told.
void stop_locked(Process& target, Signal signal) REQUIRES(tree_lock);

/// The parent learns what happened to its child: signal and wake-up.
void tell_parent(Process& child, ChildEvent event, int status) REQUIRES(tree_lock);

/// The end of a vfork, by exec or exit: the maker goes on.
void finish_vfork(Process& process) REQUIRES(tree_lock);

/// As usage_of().
Usage usage_locked(Process& process) REQUIRES(tree_lock);

} // namespace process
