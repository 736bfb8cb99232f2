#include "thread/scheduler.hpp"

#include "lib/log.hpp"
#include "memory/address_space.hpp"
#include "memory/kernel_map.hpp"
#include "thread/claim.hpp"
#include "thread/cpu.hpp"
#include "thread/switch.hpp"

#include <bit>

namespace thread {
namespace {

/// Holds the lock of the run queue that the thread belongs to. Thread::cpu changes only under the lock of the queue
/// that the thread leaves, so the thread cannot change CPU meanwhile.
class ThreadQueueGuard {
public:
    explicit ThreadQueueGuard(Thread& thread) NO_THREAD_SAFETY_ANALYSIS {
        for (;;) {
            cpu_ = thread.cpu.load(std::memory_order_relaxed);
            cpu_->run_queue.lock.acquire();
            if (thread.cpu.load(std::memory_order_relaxed) == cpu_)
                return;
            cpu_->run_queue.lock.release();
        }
    }
    ~ThreadQueueGuard() NO_THREAD_SAFETY_ANALYSIS { cpu_->run_queue.lock.release(); }
    ThreadQueueGuard(const ThreadQueueGuard&) = delete;
    Cpu& cpu() const { return *cpu_; }

private:
    InterruptGuard no_interrupts_;
    Cpu* cpu_ = nullptr;
};

/// A hint: another CPU may be changing it.
bool is_current(const Cpu& cpu, const Thread* thread) {
    return std::atomic_ref<Thread*>(const_cast<Thread*&>(cpu.current)).load(std::memory_order_relaxed) == thread;
}
bool is_idle(const Cpu& cpu) {
    return is_current(cpu, cpu.idle);
}

/// Where a woken thread should run: where it ran before if that CPU is free for it, else an idle CPU, else where it
/// was.
Cpu& choose_cpu(Thread& thread) {
    Cpu& last = *thread.cpu.load(std::memory_order_relaxed);
    const bool bound_here = thread.fpu_cpu.load(std::memory_order_relaxed) != nullptr; // its registers are still there
    const bool allowed_here = (thread.affinity >> last.index) & 1;
    if (allowed_here && (bound_here || is_idle(last)))
        return last;
    for (unsigned i = 0; i < cpu_count(); ++i)
        if (((thread.affinity >> i) & 1) && cpu(i).online.load(std::memory_order_relaxed) && is_idle(cpu(i)))
            return cpu(i);
    if (allowed_here)
        return last;
    return cpu(static_cast<unsigned>(std::countr_zero(thread.affinity)));
}

/// The thread is better than what runs on the CPU. A hint where that is a stackless thread of another CPU, which may be
/// left for another one at this moment, without the queue's lock; its memory is readable all the same. That CPU looks
/// again when the time slice ends.
bool is_better(const Thread& thread, Cpu& cpu) REQUIRES(cpu.run_queue.lock) {
    const Thread* const running = std::atomic_ref<Thread*>(cpu.current).load(std::memory_order_relaxed);
    return running == cpu.idle || running->priority < thread.priority;
}

/// What runs on the CPU is looked at again. Each CPU alone marks its current thread: others might mark one that it has
/// left, and whose memory is something else by then.
void preempt(Cpu& cpu) {
    if (&cpu == &arch::current_cpu())
        cpu.current->work.fetch_or(work_reschedule, std::memory_order_relaxed);
    else
        send_ipi(cpu, ipi_reschedule);
}

} // namespace

void place(Thread& thread) {
    thread.cpu.store(&choose_cpu(thread), std::memory_order_relaxed);
}

void enqueue(Thread& thread) {
    Cpu& target = *thread.cpu.load(std::memory_order_relaxed); // ready but in no queue: nobody else changes it
    bool better;
    {
        SpinlockGuard guard(target.run_queue.lock);
        target.run_queue.push_back(thread);
        better = is_better(thread, target);
    }
    if (better)
        preempt(target);
    if (&target == &arch::current_cpu() && target.next_tick == never && !is_idle(target))
        start_tick(target);
}

void start(Thread& thread) {
    thread.add_reference();
    thread.slice_left = thread.slice_length;
    InterruptGuard no_interrupts;
    {
        ThreadQueueGuard guard(thread); // its number is known: others may be changing its priority
        thread.cpu.store(&arch::current_cpu(), std::memory_order_relaxed);
        place(thread);
        thread.state.store(State::ready);
    }
    enqueue(thread);
}

bool wake(Thread& thread) {
    InterruptGuard no_interrupts;
    {
        ThreadQueueGuard guard(thread);
        if (thread.state.load() != State::blocked)
            return false;
        if (guard.cpu().current == &thread) { // not asleep yet: its schedule() will find it running
            thread.state.store(State::running);
            return true;
        }
        thread.state.store(State::ready);
        place(thread);
    }
    enqueue(thread);
    return true;
}

Result<> prepare_handler_stacks() {
    for (unsigned i = 0; i < cpu_count(); ++i) {
        if (cpu(i).handler_stack != 0)
            continue;
        const std::uintptr_t top = TRY(memory::allocate_kernel_stack());
        std::uintptr_t none = 0;
        if (!std::atomic_ref(cpu(i).handler_stack).compare_exchange_strong(none, top))
            memory::free_kernel_stack(top);
    }
    return {};
}

void make_ready(Thread& thread) {
    InterruptGuard no_interrupts;
    thread.cpu.store(&cpu(static_cast<unsigned>(std::countr_zero(thread.affinity))), std::memory_order_relaxed);
    thread.state.store(State::ready);
    enqueue(thread);
}

bool take_from_queue(Thread& thread) {
    return take_unless_running(thread) == Taken::from_queue;
}

Taken take_unless_running(Thread& thread) {
    ThreadQueueGuard guard(thread);
    RunQueue& queue = guard.cpu().run_queue;
    queue.lock.assert_held();
    if (!thread.on_run_queue)
        return guard.cpu().current == &thread ? Taken::running : Taken::absent;
    queue.remove(thread);
    thread.state.store(State::blocked);
    return Taken::from_queue;
}

void post_work(Thread& thread, std::uint32_t bits) {
    thread.work.fetch_or(bits);
    if (thread.interruptible.load() && wake(thread))
        return;
    InterruptGuard no_interrupts;
    Cpu& target = *thread.cpu.load(std::memory_order_relaxed);
    if (&target != &arch::current_cpu() && is_current(target, &thread))
        send_ipi(target, ipi_reschedule);
}

void cancel_sleep(Thread& self) {
    ThreadQueueGuard guard(self);
    self.state.store(State::running);
}

void yield() {
    current().slice_left = 0;
    schedule();
}

void set_priority(Thread& thread, Priority priority) {
    InterruptGuard no_interrupts;
    bool preempted;
    Cpu* target;
    {
        ThreadQueueGuard guard(thread);
        target = &guard.cpu();
        RunQueue& queue = target->run_queue;
        queue.lock.assert_held();
        target->run_queue.lock.assert_held();
        const bool queued = thread.on_run_queue;
        if (queued)
            queue.remove(thread);
        thread.priority = priority;
        if (queued)
            queue.push_back(thread);
        const Thread* best = queue.top();
        preempted = best && is_better(*best, *target);
    }
    if (preempted)
        preempt(*target);
}

Result<> set_affinity(Thread& thread, std::uint32_t cpus) {
    const std::uint32_t existing = cpus & ((std::uint32_t{1} << cpu_count()) - 1);
    if (existing == 0)
        return fail(Error::invalid_argument);
    InterruptGuard no_interrupts;
    bool queued;
    {
        ThreadQueueGuard guard(thread);
        RunQueue& queue = guard.cpu().run_queue;
        queue.lock.assert_held();
        thread.affinity = existing;
        if ((existing >> guard.cpu().index) & 1)
            return {};
        queued = thread.on_run_queue;
        if (queued) {
            queue.remove(thread);
            place(thread);
        }
    }
    if (queued)
        enqueue(thread);
    else
        post_work(thread, work_reschedule); // a running thread is moved when it is scheduled next
    return {};
}

} // namespace thread
