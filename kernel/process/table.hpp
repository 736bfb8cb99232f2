#pragma once
// Who is there: processes, threads, groups and sessions by number. All numbers come from one space; a number is not
// given out again while any of the four uses it.

#include "process/process.hpp"

namespace process {

inline constexpr Id first_process_id = 1;
inline constexpr Id max_id = 32768; // exclusive; Linux's default pid_max

/// The process with that number, zombies too; null: none.
Ref<Process> find_process(Id id) EXCLUDES(tree_lock);
/// The thread with that number; null: none.
Ref<thread::Thread> find_thread(Id id) EXCLUDES(tree_lock);

/// The same for holders of the lock; what they return stays valid while it is held.
Process* find_process_locked(Id id) REQUIRES(tree_lock);
thread::Thread* find_thread_locked(Id id) REQUIRES(tree_lock);
Group* find_group_locked(Id id) REQUIRES(tree_lock);
Session* find_session_locked(Id id) REQUIRES(tree_lock);

/// The process with the lowest number >= `from`, for walks over all (procfs); null: no more.
Ref<Process> next_process(Id from) EXCLUDES(tree_lock);

/// Calls visit(Process&) for every process in the order of numbers.
template <typename Visit>
void for_each_process(Visit visit) EXCLUDES(tree_lock) {
    for (Ref<Process> process = next_process(0); process; process = next_process(process->id + 1))
        visit(*process);
}

/// The thread of the process with the lowest number >= `from`; null: no more.
Ref<thread::Thread> next_thread(Process& process, Id from) EXCLUDES(tree_lock);

struct Counts {
    unsigned processes, threads, running;
    Id last_id;
};
/// For /proc/loadavg and sysinfo.
Counts counts() EXCLUDES(tree_lock);

/// How many processes run programs of a personality, zombies too.
unsigned count_processes(const abi::Personality& personality) EXCLUDES(tree_lock);

/// What procfs shows of a process, taken at one moment.
struct Snapshot {
    Id id, parent, group, session;
    State state;
    bool running;                  // any thread runs or is ready to
    bool sleeping_uninterruptibly; // the first thread
    unsigned threads;
    Usage usage, children;
    ExitStatus exit_status;
    SignalSet pending, shared_pending, blocked, ignored, caught;
    thread::Time start_time;
    std::int8_t nice;
    unsigned cpu;                // of the first thread
    file::DeviceNumber terminal; // controlling; 0:0 none
    Id foreground_group = -1;    // of that terminal
    char name[16];
    Credentials credentials;
    Process::Arguments arguments;
};
Snapshot take_snapshot(Process& process) EXCLUDES(tree_lock);
/// The same for one thread: times, name and state are its own. id 0: it has ended.
Snapshot take_snapshot(thread::Thread& thread) EXCLUDES(tree_lock);

// Job control.

/// A new session led by `process`, which leaves its terminal. Errors: not_permitted (it leads a group, or a group with
/// its number exists), no_memory.
Result<> start_session(Process& process) EXCLUDES(tree_lock);
/// Puts process `target` (0: the caller) into the group (0: one of its own number). Errors: no_process, not_permitted,
/// access_denied (a child that has executed), invalid_argument, no_memory.
Result<> set_group(Process& caller, Id target, Id group) EXCLUDES(tree_lock);
/// True when no member's parent is in another group of the same session: nobody could continue it (POSIX 3.264). False
/// for a number that is no group.
bool is_orphaned_group(Id group) EXCLUDES(tree_lock);
/// The session that `group` belongs to; 0: there is no such group.
Id session_of_group(Id group) EXCLUDES(tree_lock);

/// The caller's controlling terminal; null: none.
Ref<ControllingTerminal> controlling_terminal(Process& process) EXCLUDES(tree_lock);
/// Makes `terminal` the controlling one of the session that `process` leads. Errors: not_permitted (not a leader, or
/// has one already).
Result<> set_controlling_terminal(Process& process, Ref<ControllingTerminal> terminal) EXCLUDES(tree_lock);
/// Takes the terminal from the session: hang-up, or the leader gave it up.
void drop_controlling_terminal(Id session) EXCLUDES(tree_lock);

} // namespace process
