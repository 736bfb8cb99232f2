#pragma once
// A sleeping lock for process-style calls. Never taken in interrupt handlers or with a spin lock held.

#include "lib/thread_safety.hpp"
#include "thread/wait_queue.hpp"

#include <atomic>

namespace thread {

class CAPABILITY("mutex") Mutex {
public:
    Mutex() = default;
    Mutex(const Mutex&) = delete;

    void acquire() ACQUIRE() {
        Thread* expected = nullptr;
        if (!owner_.compare_exchange_strong(expected, &current(), std::memory_order_acquire)) [[unlikely]]
            acquire_slow();
    }
    bool try_acquire() TRY_ACQUIRE(true);
    void release() RELEASE();
    bool held_by_current() const { return owner_.load(std::memory_order_relaxed) == &current(); }

private:
    void acquire_slow();
    std::atomic<Thread*> owner_{nullptr};
    std::atomic<std::uint32_t> waiters_{0};
    Spinlock wait_lock_;
    WaitQueue queue_;
};

class SCOPED_CAPABILITY MutexGuard {
public:
    explicit MutexGuard(Mutex& mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.acquire(); }
    ~MutexGuard() RELEASE() { mutex_.release(); }
    MutexGuard(const MutexGuard&) = delete;

private:
    Mutex& mutex_;
};

} // namespace thread
