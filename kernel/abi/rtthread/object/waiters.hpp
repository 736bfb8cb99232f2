#pragma once
// Threads that wait for an object, served one by one in the object's order. What a waiter gets is handed to it by the
// one who serves it, so nobody comes in between.

#include "abi/rtthread/object/object.hpp"
#include "lib/spinlock.hpp"
#include "thread/wait_queue.hpp"

namespace abi::rtthread {

/// On the stack of the thread that waits. All fields under the object's lock.
struct Waiter {
    enum class Outcome : std::uint8_t { waiting, served, closed };

    thread::QueueHook hook;
    thread::WaitQueue queue; // this thread alone
    thread::Priority priority = thread::current().priority;
    Outcome outcome = Outcome::waiting;
    // What the kinds of objects need.
    std::uint64_t word = 0;  // mailbox: the mail; event: the wanted set, then what was received
    std::uint8_t option = 0; // event
    void* message = nullptr; // message queue
};

class Waiters {
public:
    bool empty() const { return waiters_.empty(); }
    Waiter* first() { return waiters_.empty() ? nullptr : &waiters_.front(); }
    /// Calls visit(Waiter&) for each in order; visit may serve the one it is given.
    template <typename Visit>
    void for_each(Visit visit) {
        for (auto at = waiters_.begin(); at != waiters_.end();) {
            Waiter& waiter = *at;
            ++at;
            visit(waiter);
        }
    }

    /// The waiter has what it wants. The object's lock is held; any context.
    void serve(Waiter& waiter) { finish(waiter, Waiter::Outcome::served); }
    /// The object goes. The object's lock is held.
    void close() {
        while (!waiters_.empty())
            finish(waiters_.front(), Waiter::Outcome::closed);
    }

    /// Waits until served. Errors: timed_out, interrupted, plain_error (closed). No longer among the waiters
    /// afterwards.
    Result<> wait(Waiter& self, WaitOrder order, Spinlock& lock, thread::Time deadline) REQUIRES(lock);

private:
    using List = thread::intrusive::list<
        Waiter, thread::intrusive::member_hook<Waiter, thread::QueueHook, &Waiter::hook>,
        thread::intrusive::constant_time_size<false>>;
    void insert(Waiter& waiter, WaitOrder order);
    void finish(Waiter& waiter, Waiter::Outcome outcome);

    List waiters_;
};

} // namespace abi::rtthread
