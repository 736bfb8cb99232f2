#pragma once
// The threads that are ready to run on one CPU: 256 priorities, first in first out among equals,
// the highest non-empty one found by a two-level bitmap (seL4's and RT-Thread's order; Linux's nice levels are mapped into it).

#include "lib/spinlock.hpp"

#include <array>
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
    /// The next thread, left in.
    Thread* top() REQUIRES(lock);
    unsigned size() const REQUIRES(lock) { return size_; }

private:
    struct Level;
    std::array<Thread*, 256> head_ GUARDED_BY(lock){}; // circular doubly linked through Thread::run_next/run_previous
    std::array<std::uint64_t, 4> bitmap_ GUARDED_BY(lock){};
    unsigned size_ GUARDED_BY(lock) = 0;
};

} // namespace thread
