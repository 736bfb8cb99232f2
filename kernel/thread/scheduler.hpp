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
/// Forgets the state: the next use starts from the initial one (exec).
void discard_fpu(Thread& thread);

} // namespace thread
