#pragma once
// Which seL4 thread runs next. The ready queues are thread/'s; what is here is seL4's manner of choosing.

#include "abi/sel4/lock.hpp"
#include "abi/sel4/object/tcb.hpp"

namespace abi::sel4 {

/// Changes the state; a thread that stops being runnable leaves the ready queue.
void set_thread_state(Tcb& tcb, ThreadState state) REQUIRES(lock);
/// A thread became runnable: it runs next if it is better than the running one, else it becomes ready. seL4's
/// possibleSwitchTo. Also from interrupt handlers, whatever thread they interrupted.
void possible_switch_to(Tcb& tcb) REQUIRES(lock);
/// A thread became runnable and runs in its turn.
void make_ready(Tcb& tcb) REQUIRES(lock);
/// The running thread's place is to be looked at again.
void reschedule_required() REQUIRES(lock);

void set_priority(Tcb& tcb, std::uint8_t priority) REQUIRES(lock);

/// True once the caller has worked for so long that pending interrupts must be let in: it returns preempted(). `work`
/// counts what was done since the last call, a slot or 256 bytes each.
bool preemption_point(unsigned work = 1) REQUIRES(lock);

} // namespace abi::sel4
