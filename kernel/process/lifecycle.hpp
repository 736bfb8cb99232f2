#pragma once
// How processes and threads begin and end, and how their parents learn of it.

#include "process/process.hpp"

namespace process {

/// What a new process or thread shares with its maker.
struct CloneRequest {
    bool share_memory = false;
    bool share_files = false;
    bool share_directory = false;
    bool share_actions = false;
    bool same_process = false;   // a thread; needs memory, actions, files and directory shared
    bool same_parent = false;    // the child's parent is the caller's
    bool suspend_caller = false; // until the child execs or ends
    bool clear_handlers = false; // handlers become standard in the child
    Signal exit_signal = Signal::child;
    std::uintptr_t stack_pointer = 0; // 0: the caller's
    bool set_thread_pointer = false;
    std::uintptr_t thread_pointer = 0; // TLS
};

/// Makes the child with the caller's registers, not started. The personality sets its result register, then calls
/// launch(), or abandon(). Errors: no_memory, try_again (limit), invalid_argument.
Result<Ref<thread::Thread>> clone(thread::Thread& parent, const CloneRequest& request) EXCLUDES(tree_lock);
/// Starts it; waits for its exec or end when the request said suspend_caller. Returns the child's number as the caller
/// sees it.
Id launch(thread::Thread& child, const CloneRequest& request) EXCLUDES(tree_lock);
/// Takes back a child that was not launched.
void abandon(thread::Thread& child) EXCLUDES(tree_lock);

/// Ends the calling thread; the last one ends the process with `status` (its exit_group had none).
[[noreturn]] void exit_thread(std::uint8_t status) EXCLUDES(tree_lock);
/// Ends the calling process: all threads go.
[[noreturn]] void exit_process(ExitStatus status) EXCLUDES(tree_lock);
/// Asks all threads of a process to end; for the caller's own process use exit_process. The first asker's status
/// counts.
void request_exit(Process& process, ExitStatus status) EXCLUDES(tree_lock);

/// trap::leave calls it for work_exit: the process is going away. Interrupts on, no locks.
[[noreturn]] void end_current_thread() EXCLUDES(tree_lock);
/// trap::leave calls it for work_stop: waits until resumed or killed. Interrupts on, no locks.
void stop_current() EXCLUDES(tree_lock);

/// Ends all threads of the process but the caller and waits for them (exec). The caller becomes the leader: its number
/// is the process's. Errors: restart (the process ends, or another thread is faster).
Result<> become_only_thread(thread::Thread& caller) EXCLUDES(tree_lock);

/// Whom wait() means.
struct WaitFor {
    enum class Who : std::uint8_t { any, process, group } who = Who::any;
    Id id = 0;
    bool ended = true, stopped = false, continued = false;
    bool no_hang = false;             // do not sleep
    bool keep = false;                // leave the state for a later wait
    bool clones = false, all = false; // children whose exit signal is not child: only these / too
};
struct WaitResult {
    Id id = 0;              // 0: none yet (no_hang)
    std::uint32_t user = 0; // its real user id
    ChildEvent event = ChildEvent::exited;
    std::int32_t value = 0; // exit status or signal
    Usage usage;
};
/// A zombie that is told of is gone afterwards. Errors: no_child, restart.
Result<WaitResult> wait(Process& parent, const WaitFor& whom) EXCLUDES(tree_lock);
/// The matching alone: true when `child` is one that the request means. For wait() and its tests.
bool matches(const WaitFor& whom, Id child, Id child_group, Signal exit_signal);

/// Times of the process's living and ended threads.
Usage usage_of(Process& process) EXCLUDES(tree_lock);

/// A process that begins in the kernel: `entry(argument)` runs on its only thread, which may turn itself into a user
/// program (become_program() of exec.hpp) and never returns. It has root's credentials, standard limits, no open files
/// and the root directory, and leads a session of its own. `parent` null: the first process, number 1.
/// Errors: no_memory, try_again.
Result<Ref<Process>> spawn(Process* parent, const char* name, void (*entry)(void*), void* argument) EXCLUDES(tree_lock);

} // namespace process
