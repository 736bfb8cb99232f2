#pragma once
// From one stackless thread to another in a few instructions, for calls whose length counts: the caller knows who runs
// next, no queue is searched, and nothing of either thread stays in the kernel. Whatever this cannot do is for
// choose_after_call() (thread/scheduler.hpp). Interrupts off, and the personality's own lock held.

#include "thread/cpu.hpp"
#include "thread/thread.hpp"

#include <arch/context.hpp>
#include <arch/fpu.hpp>

namespace thread {

/// `next`, which is in no queue, belongs to this CPU, has nothing but user mode before it, and nobody who is ready is
/// better.
[[gnu::always_inline]] inline bool may_run_next(const Cpu& cpu, const Thread& next) {
    return next.cpu.load(std::memory_order_relaxed) == &cpu && next.work.load(std::memory_order_relaxed) == 0
           && !cpu.run_queue.has_better_than(next.priority);
}

/// The CPU is the next thread's: all of a switch but the user half of memory, which is the personality's. `self`, the
/// running thread, was given its new state.
[[gnu::always_inline]] inline void switch_directly(Cpu& cpu, Thread& self, Thread& next) {
    next.state.store(State::running, std::memory_order_relaxed);
    cpu.current = &next;
    arch::switch_thread_registers(self.registers, next.registers);
    if (const Thread* const owner = cpu.fpu_owner) [[unlikely]] {
        if (owner == &next)
            arch::enable_fpu();
        else if (owner == &self)
            arch::disable_fpu();
    }
}

/// The running thread goes on later, as the first of its equals.
[[gnu::always_inline]] inline void leave_ready(Cpu& cpu, Thread& self) {
    self.state.store(State::ready, std::memory_order_relaxed);
    cpu.run_queue.lock.acquire();
    cpu.run_queue.push_front(self);
    cpu.run_queue.lock.release();
}

/// The running thread goes behind its equals with a new time slice. Returns the first of them, which comes out of the
/// queue; null: there are none, or somebody better is there, or the first is no stackless one that may_run(), and
/// nothing was done.
template <typename MayRun>
[[gnu::always_inline]] inline Thread* go_behind_equals(Cpu& cpu, Thread& self, MayRun may_run) {
    RunQueue& queue = cpu.run_queue;
    queue.lock.acquire();
    Thread* const first = queue.first_of(self.priority);
    if (!first || !first->stackless || first->work.load(std::memory_order_relaxed) != 0
        || queue.has_better_than(self.priority) || !may_run(*first)) [[unlikely]] {
        queue.lock.release();
        return nullptr;
    }
    queue.exchange_with_first(self);
    queue.lock.release();
    self.state.store(State::ready, std::memory_order_relaxed);
    self.slice_left = self.slice_length;
    return first;
}

} // namespace thread
