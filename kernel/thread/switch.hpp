#pragma once
// What the scheduler and the thread switch share; nobody else includes this.

#include "thread/thread.hpp"

namespace thread {

/// Lets the CPU tick from now on: there is more than one thread to run, or one whose time is to be charged. Interrupts
/// off.
void start_tick(Cpu& cpu);

/// Chooses where a thread that is ready but in no queue goes on, by its affinity and what is idle. Under the lock of
/// the queue that it leaves.
void place(Thread& thread);
/// Puts such a thread into the queue of the CPU that place() chose and interrupts what runs there when the thread is
/// better. Interrupts off, no run queue's lock held.
void enqueue(Thread& thread);

/// First kernel code of a thread that has not run yet: `argument` is the Thread. Never returns.
void thread_entry(void* argument);

} // namespace thread
