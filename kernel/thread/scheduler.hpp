#pragma once
// Who runs next. Strict priorities, round robin among equals by time slice, one run queue per CPU, idle CPUs take from
// busy ones.

#include "lib/thread_safety.hpp"
#include "thread/thread.hpp"

namespace thread {

inline constexpr Time tick_length = 4'000'000; // ns between two ticks of a busy CPU

/// Makes this CPU a scheduler: the running code becomes its idle thread. Interrupts off. Boot only.
void adopt_idle_thread(Cpu& cpu);
/// The idle thread's loop: takes work from busy CPUs, else waits for an interrupt. Never returns.
[[noreturn]] void idle_loop();

/// Gives the CPU to the best ready thread (perhaps the same). The current thread goes on ready when its state is still
/// running, else it sleeps until wake(). Returns when this thread runs again. Process-style and kernel threads only. No
/// spin lock held; interrupts in any state (kept).
void schedule();

/// Current thread goes to the end of its priority.
void yield();

/// Makes a blocked thread ready and preempts if it is better than what runs there. False: it was not blocked.
bool wake(Thread& thread);

/// Sets Work bits and sees to it that the thread looks at them: an interruptible sleep ends, another CPU is
/// interrupted.
void post_work(Thread& thread, std::uint32_t bits);

// Stackless threads (seL4's). They run on the one CPU that their affinity names. Their personality has a lock of its
// own around all of this.

/// Gives every CPU a stack for their handlers, once; any number of calls. Interrupts on. Errors: no_memory.
Result<> prepare_handler_stacks();
/// A stackless thread that is in no queue and not running becomes ready; the CPU looks at it when it is better than
/// what runs there. Also from interrupt handlers.
void make_ready(Thread& thread);
/// Takes a ready thread out of its queue. False: it was in none.
bool take_from_queue(Thread& thread);
/// The end of a stackless thread's call. `self` goes on when its state is still running and nobody is better;
/// `preferred` (null: none) is runnable and in no queue: it runs next, without a queue being touched, unless a better
/// or equal one can. All is switched but the stack; the caller goes on with resume(). Interrupts off.
Thread& choose_after_call(Thread& self, Thread* preferred);
/// The same without looking for others: `next` runs now, `self` does not run on. Nothing better is ready.
void switch_after_call(Cpu& cpu, Thread& self, Thread& next);
/// Goes on with the thread that was switched to, leaving the handler's stack behind. Interrupts off.
[[noreturn]] void resume(Thread& next);

/// Takes back the current thread's decision to sleep (state blocked, schedule() not called yet). Interrupts off.
void cancel_sleep(Thread& self);

/// Frees threads that ended on this CPU. Interrupts on, no locks held. Called where a kernel path ends.
void reap();

/// The per-CPU timer fired: runs due timers, ticks, sets the next alarm. Interrupts off.
void handle_alarm(Cpu& cpu, bool from_user);

void set_priority(Thread& thread, Priority priority);
/// Errors: invalid_argument when no existing CPU is in the mask.
Result<> set_affinity(Thread& thread, std::uint32_t cpus);

/// The FPU now belongs to `thread` on this CPU; saves the former owner's state. Interrupts off. Errors: no_memory
/// (first use).
Result<> acquire_fpu(Thread& thread);
/// Saves the FPU owner of this CPU, so that its state may be used elsewhere. Interrupts off.
void release_fpu(Cpu& cpu);
/// Puts the thread's newest state into its memory (fork, signal frames, ptrace, migration); allocates it when there is
/// none.
Result<> flush_fpu(Thread& thread);
/// Gives `to` a copy of the state of `from` (fork). Errors: no_memory.
Result<> copy_fpu(Thread& to, Thread& from);
/// No CPU has the thread's registers any more; they are lost. The memory for them stays.
void forget_fpu(Thread& thread);
/// Forgets the state: the next use starts from the initial one (exec).
void discard_fpu(Thread& thread);

} // namespace thread
