#include "thread/wait_queue.hpp"

#include "thread/scheduler.hpp"

namespace thread {
namespace {

/// Ends the sleep of one thread at a deadline.
struct SleepTimer {
    explicit SleepTimer(Thread& sleeper) : timer(fire), thread(sleeper) {}
    static void fire(Timer& timer) { wake(reinterpret_cast<SleepTimer&>(timer).thread); }
    Timer timer; // first, so that fire() finds the rest
    Thread& thread;
};

} // namespace

bool interrupted() {
    return (current().work.load() & (work_signal | work_exit | work_stop)) != 0;
}

void WaitQueue::enqueue_current(bool interruptible) {
    Thread& self = current();
    lock_.acquire();
    threads_.push_back(self);
    self.waiting_on = this;
    self.interruptible.store(interruptible);
    self.state.store(State::blocked);
    lock_.release();
}

bool WaitQueue::dequeue_current() {
    Thread& self = current();
    self.interruptible.store(false);
    SpinlockGuard guard(lock_);
    if (self.waiting_on != this)
        return true;
    threads_.erase(threads_.iterator_to(self));
    self.waiting_on = nullptr;
    return false;
}

Result<> WaitQueue::wait(Spinlock& lock, Time deadline) {
    enqueue_current(true);
    lock.release();
    Thread& self = current();
    // From here on a signal wakes us; one that came before is seen here.
    if (interrupted()) {
        cancel_sleep(self);
    } else if (deadline == never) {
        schedule();
    } else {
        SleepTimer timer(self);
        timer.timer.arm(deadline);
        schedule();
        timer.timer.cancel();
    }
    const bool woken = dequeue_current();
    lock.acquire();
    if (woken)
        return {};
    if (interrupted())
        return fail(Error::restart);
    if (now() >= deadline)
        return fail(Error::timed_out);
    return {};
}

void WaitQueue::wait_uninterruptible(Spinlock& lock) {
    enqueue_current(false);
    lock.release();
    schedule();
    dequeue_current();
    lock.acquire();
}

void WaitQueue::wake_one() {
    SpinlockGuard guard(lock_);
    notify_listeners();
    if (threads_.empty())
        return;
    Thread& thread = threads_.front();
    threads_.pop_front();
    thread.waiting_on = nullptr;
    wake(thread);
}

void WaitQueue::wake_all() {
    SpinlockGuard guard(lock_);
    notify_listeners();
    while (!threads_.empty()) {
        Thread& thread = threads_.front();
        threads_.pop_front();
        thread.waiting_on = nullptr;
        wake(thread);
    }
}

bool WaitQueue::empty() const {
    SpinlockGuard guard(lock_);
    return threads_.empty() && listeners_.empty();
}

void WaitQueue::notify_listeners() {
    for (Listener& listener : listeners_)
        listener.notify(listener);
}

void WaitQueue::add_listener(Listener& listener) {
    SpinlockGuard guard(lock_);
    listeners_.push_back(listener);
}

void WaitQueue::remove_listener(Listener& listener) {
    SpinlockGuard guard(lock_);
    listeners_.erase(listeners_.iterator_to(listener));
}

Result<> sleep_until(Time deadline) {
    Spinlock lock;
    WaitQueue queue;
    while (now() < deadline) {
        SpinlockGuard guard(lock);
        auto result = queue.wait(lock, deadline);
        if (!result && result.error() == Error::restart)
            return fail(Error::restart);
    }
    return {};
}

} // namespace thread
