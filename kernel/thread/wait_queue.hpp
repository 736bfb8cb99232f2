#pragma once
// Where threads wait for a condition that somebody else makes true. Used like a condition variable:
//
//     SpinlockGuard guard(lock_);
//     while (!condition)
//         TRY(readers_.wait(lock_));          // interruptible
//
// wait() gives the lock up while asleep and takes it again before it returns.

#include "lib/result.hpp"
#include "lib/spinlock.hpp"
#include "thread/thread.hpp"

namespace thread {

class WaitQueue {
public:
    WaitQueue() = default;
    WaitQueue(const WaitQueue&) = delete;

    /// Sleeps until woken, a deliverable signal or exit request comes (Error::restart), or the deadline passes
    /// (Error::timed_out). May return without a wake: the caller checks its condition again.
    Result<> wait(Spinlock& lock, Time deadline = never) REQUIRES(lock);
    /// The same but only a fatal exit or a wake ends it.
    void wait_uninterruptible(Spinlock& lock) REQUIRES(lock);

    /// Both may be called with the condition's lock held or not, from interrupt handlers too.
    void wake_one();
    void wake_all();
    bool empty() const;

    /// A callback for poll(): told of each wake, without being a waiting thread.
    struct Listener {
        void (*notify)(Listener&) =
            nullptr; // called with the queue's lock held, interrupts off; must only set flags and wake
        QueueHook hook;
    };
    void add_listener(Listener& listener);
    void remove_listener(Listener& listener);

private:
    void enqueue_current(bool interruptible);
    /// False: still in the queue, so nobody woke it; it is taken out. True: a waker took it out.
    bool dequeue_current();
    void notify_listeners() REQUIRES(lock_);

    using Threads = intrusive::list<
        Thread, intrusive::member_hook<Thread, QueueHook, &Thread::wait_hook>, intrusive::constant_time_size<false>>;
    using Listeners = intrusive::list<
        Listener, intrusive::member_hook<Listener, QueueHook, &Listener::hook>, intrusive::constant_time_size<false>>;
    mutable Spinlock lock_;
    Threads threads_ GUARDED_BY(lock_);
    Listeners listeners_ GUARDED_BY(lock_);
};

/// Sleeps until the deadline. Error::restart when a signal or exit request came first.
Result<> sleep_until(Time deadline);

/// True when the current thread should give up what it is doing: an unblocked signal is pending or its process is
/// ending.
bool interrupted();

} // namespace thread
