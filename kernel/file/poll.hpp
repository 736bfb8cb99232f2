#pragma once
// Waiting for one of many files. A file answers which events are ready and, when somebody wants to wait, names the wait
// queues that will be woken when that may change.

#include "lib/result.hpp"
#include "thread/wait_queue.hpp"

#include <cstdint>

namespace file {

/// Readiness, a bit each.
enum Event : std::uint32_t {
    event_readable = 1u << 0,
    event_writable = 1u << 1,
    event_error = 1u << 2,
    event_hang_up = 1u << 3,      // nothing more will come, in either direction
    event_read_hang_up = 1u << 4, // the peer has closed its writing side
    event_urgent = 1u << 5,
};

/// Told of wakes on any number of queues. One thread waits on it, or an epoll set listens.
class Poller {
public:
    Poller() = default;
    /// Calls `hook` at each wake instead: with the queue's lock held, interrupts off; it must only set flags and wake.
    explicit Poller(void (*hook)(Poller&)) : hook_(hook) {}
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;
    /// Leaves all queues.
    ~Poller();

    /// Called by OpenFile::poll: from now on each wake of `queue` counts. The queue outlives the poller or its removal.
    /// Out of memory is remembered and reported by wait().
    void listen(thread::WaitQueue& queue);
    /// Sleeps until a queue was woken since the last call, or the deadline (Error::timed_out), or a signal
    /// (Error::restart). Errors: no_memory (a listen() failed).
    Result<> wait(thread::Time deadline);
    void remove_all();

private:
    struct Registration;
    struct Block;
    static void notify(thread::WaitQueue::Listener& listener);

    struct Registration : thread::WaitQueue::Listener {
        thread::WaitQueue* queue = nullptr;
        Poller* poller = nullptr;
    };
    static constexpr std::size_t inline_count = 4;
    Registration first_[inline_count];
    std::size_t used_ = 0;
    Block* blocks_ = nullptr;
    bool failed_ = false;
    void (*hook_)(Poller&) = nullptr;

    Spinlock lock_;
    thread::WaitQueue sleeper_;
    bool woken_ GUARDED_BY(lock_) = false;
};

} // namespace file
