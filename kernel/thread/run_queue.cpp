#include "thread/run_queue.hpp"

#include "thread/thread.hpp"

#include <bit>

namespace thread {

void RunQueue::set_mark(Priority priority, bool ready) {
    std::atomic<std::uint64_t>& word = bitmap_[priority / 64];
    const std::uint64_t bit = std::uint64_t{1} << (priority % 64), before = word.load(std::memory_order_relaxed);
    word.store(ready ? before | bit : before & ~bit, std::memory_order_relaxed);
}

void RunQueue::link(Thread& thread, bool at_head) {
    Thread*& head = head_[thread.priority];
    if (!head) {
        thread.run_next = thread.run_previous = &thread;
        head = &thread;
        set_mark(thread.priority, true);
    } else {
        thread.run_next = head;
        thread.run_previous = head->run_previous;
        head->run_previous->run_next = &thread;
        head->run_previous = &thread;
        if (at_head)
            head = &thread;
    }
    thread.on_run_queue = true;
    size_.store(size() + 1, std::memory_order_relaxed);
}

void RunQueue::push_back(Thread& thread) {
    link(thread, false);
}

void RunQueue::push_front(Thread& thread) {
    link(thread, true);
}

void RunQueue::remove(Thread& thread) {
    Thread*& head = head_[thread.priority];
    if (thread.run_next == &thread) {
        head = nullptr;
        set_mark(thread.priority, false);
    } else {
        thread.run_previous->run_next = thread.run_next;
        thread.run_next->run_previous = thread.run_previous;
        if (head == &thread)
            head = thread.run_next;
    }
    thread.run_next = thread.run_previous = nullptr;
    thread.on_run_queue = false;
    size_.store(size() - 1, std::memory_order_relaxed);
}

Thread* RunQueue::top() {
    for (std::size_t word = bitmap_.size(); word-- > 0;)
        if (const std::uint64_t marks = bitmap_[word].load(std::memory_order_relaxed); marks != 0)
            return head_[word * 64 + 63 - static_cast<std::size_t>(std::countl_zero(marks))];
    return nullptr;
}

Thread& RunQueue::exchange_with_first(Thread& thread) {
    Thread*& head = head_[thread.priority];
    Thread& first = *head;
    if (first.run_next == &first) {
        thread.run_next = thread.run_previous = &thread;
    } else { // the place of the first in the ring is behind the last
        thread.run_next = first.run_next;
        thread.run_previous = first.run_previous;
        thread.run_next->run_previous = thread.run_previous->run_next = &thread;
    }
    head = thread.run_next;
    thread.on_run_queue = true;
    first.run_next = first.run_previous = nullptr;
    first.on_run_queue = false;
    return first;
}

Thread* RunQueue::pop() {
    Thread* best = top();
    if (best)
        remove(*best);
    return best;
}

Thread* RunQueue::take_for(std::uint32_t cpu_bit) {
    for (std::size_t level = head_.size(); level-- > 0;) {
        Thread* const head = head_[level];
        if (!head)
            continue;
        Thread* thread = head;
        do {
            if ((thread->affinity & cpu_bit) && !thread->fpu_cpu.load(std::memory_order_relaxed)) {
                remove(*thread);
                return thread;
            }
            thread = thread->run_next;
        } while (thread != head);
    }
    return nullptr;
}

} // namespace thread
