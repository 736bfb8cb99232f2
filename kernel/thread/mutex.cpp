#include "thread/mutex.hpp"

#include "lib/log.hpp"

namespace thread {

bool Mutex::try_acquire() {
    Thread* expected = nullptr;
    return owner_.compare_exchange_strong(expected, &current(), std::memory_order_acquire);
}

void Mutex::acquire_slow() NO_THREAD_SAFETY_ANALYSIS {
    INVARIANT(!held_by_current());
    SpinlockGuard guard(wait_lock_);
    waiters_.fetch_add(1);
    while (!try_acquire())
        queue_.wait_uninterruptible(wait_lock_);
    waiters_.fetch_sub(1);
}

void Mutex::release() NO_THREAD_SAFETY_ANALYSIS {
    owner_.store(nullptr); // sequentially consistent against waiters_, so that either side sees the other
    if (waiters_.load() == 0) [[likely]]
        return;
    SpinlockGuard guard(wait_lock_);
    queue_.wake_one();
}

} // namespace thread
