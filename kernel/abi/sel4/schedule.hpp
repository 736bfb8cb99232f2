#pragma once
// Which seL4 thread runs next. The ready queues are thread/'s; what is here is seL4's manner of choosing.

#include "abi/sel4/lock.hpp"
#include "abi/sel4/object/tcb.hpp"
#include "abi/sel4/outcome.hpp"

namespace abi::sel4 {

/// The call that holds the lock: one at a time.
struct CurrentCall {
    Tcb* caller = nullptr;    // null: an interrupt handler, or a thread that is no seL4 thread
    Tcb* preferred = nullptr; // runnable, in no queue: it should run next
    unsigned rewind = 0;      // bytes from the caller's program counter back to its trap instruction
    unsigned work = 0;        // see preemption_point()
};
extern CurrentCall current_call GUARDED_BY(lock);

/// Takes the lock for what the running seL4 thread caused. While it waits it answers other CPUs, which may take the
/// thread away: then it does not return, and the thread restarts `rewind` bytes before its program counter. Interrupts
/// off.
void enter_call(Tcb& caller, unsigned rewind) ACQUIRE(lock);
/// Its two halves, for what may need the first only.
[[gnu::always_inline]] inline void enter_fast(Tcb& caller, unsigned rewind) ACQUIRE(lock);
void begin_call(Tcb& caller, unsigned rewind) REQUIRES(lock);
/// The lock is held by another CPU, which may be waiting for an answer of this one. `caller`: the running seL4 thread,
/// when it is its call that waits; null: an interrupt handler.
void wait_for_lock(Tcb* caller, unsigned rewind) ACQUIRE(lock);
/// The end of it: chooses who runs next. Returns when the caller goes on; the lock is released.
void leave_call(Tcb& caller) RELEASE(lock);
/// The next thread's last step before user mode.
void activate_thread(Tcb& tcb) REQUIRES(lock);
/// Holds the lock for code that is no call of a seL4 thread: timers, the start and end of systems.
class SCOPED_CAPABILITY LockGuard {
public:
    LockGuard() ACQUIRE(lock);
    ~LockGuard() RELEASE();
    LockGuard(const LockGuard&) = delete;

private:
    InterruptGuard no_interrupts_;
};

/// Changes the state; a thread that stops being runnable leaves the ready queue.
void set_thread_state(Tcb& tcb, ThreadState state) REQUIRES(lock);
/// A thread became runnable: it runs next if it is better than the running one, else it becomes ready. seL4's
/// possibleSwitchTo. Also from interrupt handlers, whatever thread they interrupted.
void possible_switch_to(Tcb& tcb) REQUIRES(lock);
/// A thread became runnable and runs in its turn.
void make_ready(Tcb& tcb) REQUIRES(lock);
/// The running thread's place is to be looked at again.
void reschedule_required() REQUIRES(lock);
/// A TCB that runs nowhere and is in no queue belongs to this CPU from now on.
void bind_to_cpu(Tcb& tcb, unsigned cpu) REQUIRES(lock);
/// The running thread goes behind its equals.
void yield(Tcb& tcb) REQUIRES(lock);
/// The running thread's VSpace changed.
void reload_root(Tcb& tcb) REQUIRES(lock);
/// The thread's FPU state is in its memory, and its next FPU instruction traps.
void release_fpu(Tcb& tcb) REQUIRES(lock);

// abi::Personality's.
void activate(thread::Thread& thread) NO_THREAD_SAFETY_ANALYSIS;
void before_return(thread::Thread& thread);

/// Takes `tcb` from another CPU that runs it or is about to. True: it was there, and is in no queue now; the caller
/// makes it ready again. False: no other CPU has it. Errors: preempted (try again).
OutcomeOf<bool> stall(Tcb& tcb) REQUIRES(lock);

void set_priority(Tcb& tcb, std::uint8_t priority) REQUIRES(lock);
/// The thread runs on `cpu` from now on. It runs on no other CPU now.
void set_affinity(Tcb& tcb, unsigned cpu) REQUIRES(lock);

/// True once the caller has worked for so long that pending interrupts must be let in: it returns preempted(). `work`
/// counts what was done since the last call, a slot or 256 bytes each.
bool preemption_point(unsigned work = 1) REQUIRES(lock);

inline void enter_fast(Tcb& caller, unsigned rewind) {
    if (!lock.try_acquire()) [[unlikely]]
        wait_for_lock(&caller, rewind);
}

/// The same in interrupt handlers, where interrupts are off already; current_call is not set.
class SCOPED_CAPABILITY HandlerLockGuard {
public:
    HandlerLockGuard() ACQUIRE(lock) {
        if (!lock.try_acquire()) [[unlikely]]
            wait_for_lock(nullptr, 0);
    }
    ~HandlerLockGuard() RELEASE() { lock.release(); }
    HandlerLockGuard(const HandlerLockGuard&) = delete;
};

} // namespace abi::sel4
