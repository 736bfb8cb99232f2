#pragma once
// What the scheduler and the thread switch share; nobody else includes this.

#include "thread/thread.hpp"

namespace thread {

/// Lets the CPU tick from now on: there is more than one thread to run, or one whose time is to be charged. Interrupts
/// off.
void start_tick(Cpu& cpu);

/// First kernel code of a thread that has not run yet: `argument` is the Thread. Never returns.
void thread_entry(void* argument);

} // namespace thread
