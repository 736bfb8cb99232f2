#pragma once
// What this personality keeps per thread and per process.

#include "abi/personality.hpp"
#include "abi/rtthread/object/handle_table.hpp"
#include "abi/rtthread/object/user_mutexes.hpp"
#include "abi/rtthread/priority.hpp"
#include "lib/ref.hpp"

#include <boost/intrusive/list.hpp>
#include <optional>

namespace process {
struct ExecRequest;
}

namespace abi::rtthread {

class Mutex;
class ThreadObject;
struct MutexWaiter;
struct NewProgram;

/// Shared by the threads of a process; its objects go with it.
struct ProcessState : RefCounted<ProcessState> {
    HandleTable handles;
    UserMutexes user_mutexes; // pmutex of 5.0.x
    ~ProcessState();
};

struct HeldTag;
using HeldHook = boost::intrusive::list_base_hook<boost::intrusive::tag<HeldTag>>;

struct ThreadState : abi::ThreadState {
    ThreadState(thread::Thread& of, Ref<ProcessState> in);
    ~ThreadState();

    thread::Thread& thread;
    Ref<ProcessState> process; // null once the thread has begun to end
    UserAddr clear_child_tid;  // set to 0 and woken as a futex when the thread ends; null: nothing
    UserAddr robust_list;      // null: none
    std::int32_t last_error = 0;

    bool restart_requested = false;       // the call ended with Error::restart, its argument registers are untouched
    std::optional<thread::Time> deadline; // of a relative sleep that is made again after a stop

    // Priority inheritance: all under the lock of object/mutex.cpp, but for base_priority, which is written under it.
    using HeldMutexes = boost::intrusive::list<
        Mutex, boost::intrusive::base_hook<HeldHook>, boost::intrusive::constant_time_size<false>>;
    Priority base_priority = main_priority;
    Mutex* waiting_for = nullptr;
    MutexWaiter* waiter = nullptr;
    HeldMutexes* held = nullptr; // made with the state; those that somebody waits for come first

    // A thread made by thread_create().
    Ref<ThreadObject> object;    // also of a thread that asked who it is; null: none yet
    bool parked = false;         // made, not started: waits in before_return
    Ref<NewProgram> new_program; // a child of exec(): becomes this program before it reaches user mode
    std::uintptr_t stack = 0;    // mapped by the kernel for it; 0: none
    std::size_t stack_bytes = 0;

    // 5.0.x: one handler at a time, and the kernel keeps where it came from.
    bool in_handler = false;
    std::uint64_t interrupted_pc = 0, interrupted_sp = 0, interrupted_status = 0, interrupted_mask = 0;
};

inline ThreadState& state_of(thread::Thread& thread) {
    return static_cast<ThreadState&>(*thread.abi_state);
}

/// For relative sleeps: made again they go on with their first deadline.
thread::Time resume_deadline(thread::Thread& thread, thread::Time span);
std::unexpected<Error> restart_at_deadline(thread::Thread& thread, thread::Time deadline);

} // namespace abi::rtthread
