// Leaving one thread and resuming another. The run queue's lock is taken by the thread that leaves and released by the
// one that goes on.

#include "thread/switch.hpp"

#include "abi/personality.hpp"
#include "lib/log.hpp"
#include "memory/address_space.hpp"
#include "thread/cpu.hpp"
#include "thread/scheduler.hpp"
#include "thread/share.hpp"
#include "trap/trap.hpp"

#include <arch/fpu.hpp>

namespace thread {
namespace {

/// Takes the best thread from another CPU's queue; null when nobody has one to spare.
Thread* take_from_others(Cpu& self) NO_THREAD_SAFETY_ANALYSIS {
    for (unsigned step = 1; step < cpu_count(); ++step) {
        Cpu& other = cpu((self.index + step) % cpu_count());
        if (&other == &self || !other.run_queue.has_threads() || !other.run_queue.lock.try_acquire())
            continue;
        Thread* thread = other.run_queue.take_for(std::uint32_t{1} << self.index);
        if (thread)
            thread->cpu.store(&self, std::memory_order_relaxed); // both locks are held
        other.run_queue.lock.release();
        if (thread)
            return thread;
    }
    return nullptr;
}

/// The thread to run next on this CPU, already out of the queue. `previous` goes back into it when it can still run,
/// and may here; else finish_switch() finds it ready but in no queue.
Thread& choose_next(Cpu& cpu, Thread& previous) REQUIRES(cpu.run_queue.lock) {
    if (previous.state.load() == State::running && &previous != cpu.idle) {
        previous.state.store(State::ready);
        if (!((previous.affinity >> cpu.index) & 1)) [[unlikely]] {
            previous.slice_left = previous.slice_length;
        } else if (previous.slice_left == 0) {
            previous.slice_left = previous.slice_length;
            cpu.run_queue.push_back(previous);
        } else {
            cpu.run_queue.push_front(previous);
        }
    }
    Thread* next = is_others_turn(cpu) ? take_in_turn(cpu) : nullptr;
    if (!next)
        next = cpu.run_queue.pop();
    if (!next)
        next = take_from_others(cpu);
    return next ? *next : *cpu.idle;
}

/// Everything of the switch but the kernel stack.
void switch_registers(Cpu& cpu, Thread& previous, Thread& next) {
    cpu.current = &next;
    cpu.previous = &previous;
    next.cpu.store(&cpu, std::memory_order_relaxed);
    if (previous.personality && next.personality)
        arch::switch_thread_registers(previous.registers, next.registers);
    else if (previous.personality)
        arch::save_thread_registers(previous.registers);
    else if (next.personality)
        arch::load_thread_registers(next.registers);
    if (next.address_space != cpu.address_space)
        memory::switch_address_space(next.address_space);
    if (next.stackless) {
        next.personality->activate(next);
    } else if (cpu.foreign_root.load(std::memory_order_relaxed) != 0) [[unlikely]] {
        if (!next.address_space)
            arch::activate_kernel_translation();
        cpu.foreign_root.store(0);
    }
    if (cpu.fpu_owner == &next)
        arch::enable_fpu();
    else if (cpu.fpu_owner == &previous)
        arch::disable_fpu();
    if (&next == cpu.idle)
        cpu.next_tick = never;
    else if (cpu.next_tick == never)
        start_tick(cpu);
}

/// Whoever runs now frees those that ended, before it goes to user mode. Stackless threads leave it to the next one.
void ask_to_reap(Cpu& cpu) {
    if (cpu.dead && !cpu.current->stackless)
        cpu.current->work.fetch_or(work_reap, std::memory_order_relaxed);
}

/// On the new thread's stack: the thread that was left is off this CPU.
void finish_switch() NO_THREAD_SAFETY_ANALYSIS {
    Cpu& cpu = arch::current_cpu();
    if (!cpu.previous) { // a stackless thread was left: nothing of it is looked at any more
        cpu.run_queue.lock.release();
        return ask_to_reap(cpu);
    }
    Thread& previous = *std::exchange(cpu.previous, nullptr);
    const State state = previous.state.load();
    const bool moves = state == State::ready && !previous.on_run_queue && &previous != cpu.idle;
    if (moves) [[unlikely]]
        place(previous);
    cpu.run_queue.lock.release();
    if (moves) [[unlikely]]
        enqueue(previous);
    if (state == State::ended) {
        previous.next_dead = cpu.dead;
        cpu.dead = &previous;
    }
    ask_to_reap(cpu);
}

} // namespace

void schedule() NO_THREAD_SAFETY_ANALYSIS {
    InterruptGuard no_interrupts;
    Cpu& cpu = arch::current_cpu();
    Thread& previous = *cpu.current;
    previous.work.fetch_and(~std::uint32_t{work_reschedule}, std::memory_order_relaxed);
    cpu.run_queue.lock.acquire();
    Thread& next = choose_next(cpu, previous);
    next.state.store(State::running);
    if (&next == &previous)
        return cpu.run_queue.lock.release();
    switch_registers(cpu, previous, next);
    if (next.stackless)
        next.context = arch::make_kernel_context(cpu.handler_stack, thread_entry, &next);
    arch::switch_kernel_context(previous.context, next.context);
    finish_switch();
}

Thread& choose_after_call(Thread& self, Thread* preferred) NO_THREAD_SAFETY_ANALYSIS {
    Cpu& cpu = arch::current_cpu();
    self.work.fetch_and(~std::uint32_t{work_reschedule}, std::memory_order_relaxed);
    cpu.run_queue.lock.acquire();
    const bool goes_on = self.state.load(std::memory_order_relaxed) == State::running;
    Thread* next = preferred;
    if (preferred) {
        const Thread* const best = cpu.run_queue.top();
        if ((goes_on && self.priority >= preferred->priority) || (best && best->priority > preferred->priority)) {
            preferred->state.store(State::ready, std::memory_order_relaxed);
            if (goes_on && self.priority == preferred->priority)
                cpu.run_queue.push_back(*preferred);
            else
                cpu.run_queue.push_front(*preferred);
            next = nullptr;
        } else if (goes_on) {
            self.state.store(State::ready, std::memory_order_relaxed);
            cpu.run_queue.push_front(self);
        }
    }
    if (!next)
        next = &choose_next(cpu, self);
    next->state.store(State::running, std::memory_order_relaxed);
    if (next != &self)
        switch_after_call(cpu, self, *next);
    cpu.run_queue.lock.release();
    return *next;
}

void switch_after_call(Cpu& cpu, Thread& self, Thread& next) {
    switch_registers(cpu, self, next);
    cpu.previous = nullptr;
}

void resume(Thread& next) NO_THREAD_SAFETY_ANALYSIS {
    if (!next.stackless) { // its schedule() goes on with finish_switch(), which releases the lock
        arch::current_cpu().run_queue.lock.acquire();
        arch::load_kernel_context(next.context);
    }
    trap::leave(next);
    arch::restore_user_context(*next.frame);
}

void thread_entry(void* argument) {
    finish_switch();
    Thread& self = *static_cast<Thread*>(argument);
    if (self.kernel_entry) {
        arch::enable_interrupts();
        self.kernel_entry(self.kernel_argument);
        exit_current();
    }
    trap::leave(self);
    arch::restore_user_context(*self.frame);
}

void exit_current() {
    arch::disable_interrupts();
    Thread& self = current();
    Cpu& cpu = arch::current_cpu();
    if (cpu.fpu_owner == &self) {
        cpu.fpu_owner = nullptr;
        arch::disable_fpu();
    }
    self.fpu_cpu.store(nullptr);
    self.state.store(State::ended);
    schedule();
    panic("an ended thread was scheduled");
}

void adopt_idle_thread(Cpu& cpu) {
    Thread& idle = *cpu.idle;
    idle.state.store(State::running);
    idle.cpu.store(&cpu);
    idle.affinity = std::uint32_t{1} << cpu.index;
    cpu.current = &idle;
}

void idle_loop() {
    Cpu& cpu = arch::current_cpu();
    for (;;) {
        arch::enable_interrupts();
        reap();
        arch::disable_interrupts();
        schedule();
        if (!cpu.run_queue.has_threads() && !cpu.dead)
            arch::wait_for_interrupt();
    }
}

void reap() {
    Thread* dead;
    {
        InterruptGuard no_interrupts;
        Cpu& cpu = arch::current_cpu();
        dead = std::exchange(cpu.dead, nullptr);
        current().work.fetch_and(~std::uint32_t{work_reap}, std::memory_order_relaxed);
    }
    while (dead)
        Ref<Thread>::adopt(std::exchange(dead, dead->next_dead)).reset();
}

} // namespace thread
