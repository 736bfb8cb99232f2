#pragma once
// The threads that are ready to run on one CPU: 256 priorities, first in first out among equals,
// the highest non-empty one found by a two-level bitmap (seL4's and RT-Thread's order; Linux's nice levels are mapped
// into it).

#include "lib/spinlock.hpp"

#include <array>
#include <atomic>
#include <boost/intrusive/list.hpp>
#include <cstdint>

namespace thread {

class Thread;

using Priority = std::uint8_t; // 0 lowest .. 255 highest

namespace intrusive = boost::intrusive;
using QueueHook = intrusive::list_member_hook<intrusive::link_mode<intrusive::normal_link>>;

class RunQueue {
public:
    Spinlock lock;

    void push_back(Thread& thread) REQUIRES(lock);
    /// To the head of its priority: a preempted thread that still has time left.
    void push_front(Thread& thread) REQUIRES(lock);
    void remove(Thread& thread) REQUIRES(lock);
    /// Takes the next thread out; null when empty.
    Thread* pop() REQUIRES(lock);
    /// The next thread, left in; null when empty.
    Thread* top() REQUIRES(lock);
    /// Takes out the best thread that another CPU (one bit of an affinity mask) may run: allowed there, its FPU state
    /// not in this CPU's registers.
    Thread* take_for(std::uint32_t cpu_bit) REQUIRES(lock);
    /// The first of `thread`'s equals, of whom there are some, comes out, and `thread` goes in behind the last.
    Thread& exchange_with_first(Thread& thread) REQUIRES(lock);
    /// The first of those with this priority, left in; null when there are none.
    Thread* first_of(Priority priority) REQUIRES(lock) { return head_[priority]; }
    /// Hints when the lock is not held: others may be adding threads, and interrupt this CPU when one is better than
    /// what runs here.
    bool has_better_than(Priority priority) const {
        if (!has_threads()) [[likely]]
            return false;
        std::size_t word = priority / 64;
        std::uint64_t better = bitmap_[word].load(std::memory_order_relaxed) >> (priority % 64) >> 1;
        while (++word < bitmap_.size())
            better |= bitmap_[word].load(std::memory_order_relaxed);
        return better != 0;
    }
    bool has_threads() const { return size_.load(std::memory_order_relaxed) != 0; }
    unsigned size() const { return size_.load(std::memory_order_relaxed); }

private:
    void link(Thread& thread, bool at_head) REQUIRES(lock);
    void set_mark(Priority priority, bool ready) REQUIRES(lock);

    std::array<Thread*, 256> head_ GUARDED_BY(lock){}; // circular doubly linked through Thread::run_next/run_previous
    // Written under the lock.
    std::array<std::atomic<std::uint64_t>, 4> bitmap_{};
    std::atomic<unsigned> size_{0};
};

} // namespace thread
