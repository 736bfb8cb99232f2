#pragma once
// A process: threads that share an address space, open files, actions for signals and a fate.
//
// Locks, outermost first; all are spin locks, none is held over user copies, allocation of page tables or a wait:
//   tree_lock            who is whose parent, group, session and thread; states and exit statuses
//   Process::lock        what is pending, masks, credentials, limits, names of one process
//   SignalActions' lock  leaf
// then the scheduler's own (wait queues, run queues). Memory and file locks are mutexes or leaves and never taken
// inside these.

#include "file/file_table.hpp"
#include "file/working_directory.hpp"
#include "lib/ref.hpp"
#include "lib/result.hpp"
#include "memory/address_space.hpp"
#include "process/controlling_terminal.hpp"
#include "process/credentials.hpp"
#include "process/limits.hpp"
#include "process/posix_timer.hpp"
#include "process/signal.hpp"
#include "thread/mutex.hpp"
#include "thread/thread.hpp"
#include "thread/timer.hpp"
#include "thread/wait_queue.hpp"

#include <array>
#include <atomic>
#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>
#include <cstdint>

namespace process {

class Process;
struct Group;
struct Session;

/// Guards the process tree; see the order above.
extern Spinlock tree_lock;

namespace intrusive = boost::intrusive;
using SetHook = intrusive::set_member_hook<>;

/// A thread's place in its process and its half of the signal state. Thread::member points here from the thread's
/// entry into the table to its end; other threads look at it under tree_lock only.
struct Member {
    explicit Member(thread::Thread& of) : thread(of) {}

    thread::Thread& thread;
    SetHook by_id;                  // in the table of threads. tree_lock
    PendingSignals pending;         // Process::lock
    SignalSet mask;                 // Process::lock for writing; the thread itself reads freely
    SignalSet saved_mask;           // to be put back (work_restore_mask); the thread itself only
    SignalSet waited_for;           // sigtimedwait: wakes although blocked. Process::lock
    AlternateStack alternate_stack; // the thread itself only
    bool leaving = false;           // has begun to end. tree_lock
};

/// How a process ended, or what it did last.
struct ExitStatus {
    ChildEvent event = ChildEvent::exited; // exited, killed or dumped
    std::int32_t value = 0; // the status as the program gave it (Linux shows 8 bits of it), or the signal
};

struct Usage {
    thread::Time user = 0, system = 0; // ns
    std::uint64_t minor_faults = 0, major_faults = 0;
    std::uint64_t max_resident_pages = 0;
    std::uint64_t voluntary_switches = 0, involuntary_switches = 0;

    void add(const Usage& other);
};

enum class State : std::uint8_t {
    alive,
    stopped, // job control; threads wait in stop_current()
    zombie,  // all threads have ended, the parent has not asked yet
};

/// ITIMER_VIRTUAL and ITIMER_PROF: counts processor time, as the timer ticks charge it.
struct CpuTimer {
    std::atomic<thread::Time> expiry{0}; // of the process's processor time; 0: not running. Written under tree_lock
    thread::Time interval = 0;           // tree_lock
};

/// ITIMER_REAL and alarm(): sends Signal::alarm.
class IntervalTimer {
public:
    explicit IntervalTimer(Process& of) : process_(of) {}

    struct Setting {
        thread::Time left = 0;     // ns until it fires; 0: not running
        thread::Time interval = 0; // ns from one firing to the next; 0: once
    };
    /// Returns the former setting.
    Setting set(Setting setting) EXCLUDES(lock_);
    Setting get() EXCLUDES(lock_);
    /// For the end of the process. Not with tree_lock held.
    void stop() { alarm_.cancel(); }

private:
    struct Alarm : thread::Timer {
        explicit Alarm(IntervalTimer& of) : Timer(fire), owner(of) {}
        static void fire(Timer& timer);
        IntervalTimer& owner;
    };
    Setting get_locked() REQUIRES(lock_);

    Process& process_;
    thread::Mutex setting_; // one set() at a time
    Spinlock lock_;
    thread::Time deadline_ GUARDED_BY(lock_) = 0; // 0: not running
    thread::Time interval_ GUARDED_BY(lock_) = 0;
    Alarm alarm_{*this};
};

struct ByIdTag;
struct SiblingTag;
struct GroupTag;
using ByIdHook = intrusive::set_base_hook<intrusive::tag<ByIdTag>>;
using SiblingHook = intrusive::list_base_hook<intrusive::tag<SiblingTag>>;
using GroupHook = intrusive::list_base_hook<intrusive::tag<GroupTag>>;

class Process : public RefCounted<Process>, public ByIdHook, public SiblingHook, public GroupHook {
public:
    using Children = intrusive::list<Process, intrusive::base_hook<SiblingHook>>;
    using Threads = intrusive::list<
        thread::Thread, intrusive::member_hook<thread::Thread, thread::QueueHook, &thread::Thread::process_hook>>;

    Process() = default;
    ~Process();

    Id id = 0;                     // set once, when it enters the table
    std::atomic<Id> parent_id{0};  // as getppid answers; 0: none. Written under tree_lock
    std::atomic<Id> group_id{0};   // written under tree_lock
    std::atomic<Id> session_id{0}; // written under tree_lock

    Spinlock lock;

    // What clone may share with other processes. Replaced under `lock`, by the process's own last thread only: a thread
    // of the process reads them freely, others use the *_of() accessors. Null in a zombie.
    Ref<memory::AddressSpace> address_space;
    Ref<file::FileTable> files;
    Ref<file::WorkingDirectory> directory;
    Ref<SignalActions> actions;
    file::Path executable; // the program; empty also for a process without one

    Ref<memory::AddressSpace> address_space_of() EXCLUDES(lock);
    Ref<file::FileTable> files_of() EXCLUDES(lock);
    Ref<file::WorkingDirectory> directory_of() EXCLUDES(lock);
    file::Path executable_of() EXCLUDES(lock);
    Credentials credentials_of() EXCLUDES(lock);
    Limit limit(Resource resource) EXCLUDES(lock);

    // The tree.
    Process* parent GUARDED_BY(tree_lock) = nullptr; // null: pid 1, or no longer in the tree
    Children children GUARDED_BY(tree_lock);         // zombies too
    Threads threads GUARDED_BY(tree_lock);           // those that have not ended
    unsigned thread_count GUARDED_BY(tree_lock) = 0;
    unsigned staying_threads GUARDED_BY(tree_lock) = 0; // those that have not begun to end
    Group* group GUARDED_BY(tree_lock) = nullptr;       // never null while in the tree
    thread::WaitQueue child_event;  // condition's lock: tree_lock. A child ended, stopped or went on
    thread::WaitQueue thread_event; // tree_lock. A thread ended (exec waits to be alone); the vfork ended

    // Its fate.
    State state GUARDED_BY(tree_lock) = State::alive;
    ExitStatus exit_status GUARDED_BY(tree_lock); // valid when ending or zombie
    std::atomic<bool> ending{false};              // all threads are to end; exit_status is set. Written under tree_lock
    thread::Thread* exec_thread GUARDED_BY(tree_lock) =
        nullptr; // the only thread that is to survive; null: no exec under way
    Signal exit_signal GUARDED_BY(tree_lock) = Signal::child; // what the parent gets at the end; none: nothing
    Signal stop_signal GUARDED_BY(tree_lock) = Signal::none;  // it is stopping or stopped by this one
    unsigned stop_generation GUARDED_BY(tree_lock) = 0;       // counts stops
    unsigned stopped_threads GUARDED_BY(tree_lock) = 0;       // that have noticed this stop
    bool stop_reported GUARDED_BY(tree_lock) = false;         // wait() has told of the stop
    bool continue_pending GUARDED_BY(tree_lock) = false;      // wait() has to tell of the continuation
    bool vfork_running GUARDED_BY(tree_lock) = false; // the parent's thread waits for exec or the end of this one
    bool has_executed GUARDED_BY(tree_lock) = false;  // setpgid by the parent is refused from now on
    Signal parent_death_signal GUARDED_BY(tree_lock) = Signal::none;
    bool adopts_orphans GUARDED_BY(tree_lock) = false; // "subreaper"
    thread::WaitQueue resumed;                         // condition's lock: tree_lock. Stopped threads wait here

    // Signals.
    PendingSignals pending GUARDED_BY(lock);
    thread::WaitQueue signal_event; // condition's lock: lock. sigtimedwait, signalfd, poll on it

    // Attributes.
    Credentials credentials GUARDED_BY(lock);
    Limits limits GUARDED_BY(lock);
    Usage ended_threads GUARDED_BY(tree_lock);  // of threads that are gone
    Usage children_usage GUARDED_BY(tree_lock); // of children that were waited for
    thread::Time start_time = 0;
    std::int8_t nice = 0;
    char name[16] = {}; // of the leader, kept for the zombie. tree_lock
    bool dumpable = true;
    bool secure = false; // AT_SECURE: the program has more rights than its caller
    bool isolate =
        false; // trampoline entry for all its programs, whatever their personality prefers. Its own thread only
    const abi::Personality* personality GUARDED_BY(tree_lock) =
        nullptr; // of its program, also in a zombie; null: none yet

    std::uintptr_t support_code = 0; // what the personality mapped for the program: return from handlers. 0: nothing
    /// Where arguments and environment lie in the address space, for /proc/PID/cmdline and environ. Written at exec.
    struct Arguments {
        std::uintptr_t start = 0, end = 0, environment_start = 0, environment_end = 0, stack = 0;
    } arguments GUARDED_BY(lock);

    IntervalTimer real_timer{*this}; // ITIMER_REAL and alarm()
    CpuTimer virtual_timer;          // counts user time, sends Signal::virtual_alarm
    CpuTimer profile_timer;          // counts user and system time, sends Signal::profile
    PosixTimers posix_timers;
};

/// A process group. Lives while it has members. tree_lock.
struct Group {
    Group(Id group_id, Session& of) : id(group_id), session(of) {}

    const Id id;
    Session& session;
    intrusive::list<Process, intrusive::base_hook<GroupHook>> members;
    SetHook by_id;
};

/// A session. Lives while it has groups. tree_lock.
struct Session {
    explicit Session(Id session_id) : id(session_id) {}

    const Id id;
    unsigned groups = 0;
    Ref<ControllingTerminal> terminal; // the controlling terminal; null: none
    SetHook by_id;
};

/// The process of the running thread (never call it from a kernel thread).
inline Process& current() {
    return *thread::current().process;
}

} // namespace process
