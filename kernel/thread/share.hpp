#pragma once
// How stackless threads share a CPU with others. Their priorities are what their personality's programs chose, and they
// may never wait: when they have run for a while and others want the CPU, these have a turn as long, in which only they
// are looked at. Priorities decide as ever among either kind, and between them as long as nobody has used up a turn.

#include "thread/cpu.hpp"

#include <array>

namespace thread {

/// Of one CPU, which alone uses it, interrupts off.
struct Share {
    Time used = 0;         // ns that stackless threads have run while somebody was ready
    Time others_until = 0; // the end of the others' turn; 0: it is none
};
extern std::array<Share, max_cpus> shares;

/// A tick of this CPU's stackless thread. Interrupts off.
void charge_stackless(Cpu& cpu);

/// Only those that are not stackless are looked at now, if there are any. This CPU only.
inline bool is_others_turn(const Cpu& cpu) {
    return shares[cpu.index].others_until != 0;
}

/// In a turn of the others: the best of them, out of the queue. Null: the turn is over. Threads that may run on this
/// CPU only, as stackless ones do, are not seen. This CPU only.
Thread* take_in_turn(Cpu& cpu) REQUIRES(cpu.run_queue.lock);

} // namespace thread
