#pragma once
// Who runs next. Strict priorities, round robin among equals by time slice, one run queue per CPU, idle CPUs take from busy ones.

#include "lib/thread_safety.hpp"
#include "thread/thread.hpp"

namespace thread {

inline constexpr Time time_slice = 4'000'000; // 4 ms

/// Gives the CPU to the best ready thread (perhaps the same). The current thread goes on ready when its state is still running, else it
/// sleeps until wake(). Returns when this thread runs again. Process-style and kernel threads only. No spin lock held; interrupts in any state (kept).
void schedule();

/// The end of a capability call: never returns, resumes whoever is best on this CPU (its kernel context or its user frame). Interrupts off.
[[noreturn]] void schedule_and_leave();

/// Current thread goes to the end of its priority.
void yield();

/// Makes a blocked thread ready and preempts if it is better than what runs there. False: it was not blocked.
bool wake(Thread& thread);

void set_priority(Thread& thread, Priority priority);
/// Errors: invalid_argument when no existing CPU is in the mask.
Result<> set_affinity(Thread& thread, std::uint32_t cpus);

/// The timer tick's part: charges time, ends the slice. Interrupts off.
void tick(Cpu& cpu, bool from_user);

/// The FPU now belongs to `thread` on this CPU; saves the former owner's state. Interrupts off. Errors: no_memory (first use).
Result<> acquire_fpu(Thread& thread);
/// Puts the thread's newest state into its memory (fork, signal frames, ptrace, migration); allocates it when there is none.
Result<> flush_fpu(Thread& thread);
/// Forgets the state: the next use starts from the initial one (exec).
void discard_fpu(Thread& thread);

} // namespace thread
