#pragma once
// How stackless threads share a CPU with others. Their priorities are what their personality's programs chose, and they
// may never wait: when they have run for a while and others want the CPU, these have a turn as long, in which only they
// are looked at. Priorities decide as ever among either kind, and between them as long as nobody has used up a turn.

#include "thread/cpu.hpp"

namespace thread {

/// A tick of this CPU's stackless thread. Interrupts off.
void charge_stackless(Cpu& cpu);

/// In a turn of the others: the best of them, out of the queue. Null: it is not their turn, or it is over. Threads that
/// may run on this CPU only, as stackless ones do, are not seen. This CPU only.
Thread* take_in_turn(Cpu& cpu) REQUIRES(cpu.run_queue.lock);

} // namespace thread
