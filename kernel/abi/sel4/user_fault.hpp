#pragma once
// Faults of user mode, as the trap core hands them over.

#include "abi/sel4/fault.hpp"
#include "trap/trap.hpp"

namespace abi::sel4 {

/// abi::Personality::fault. Interrupts off. Does not return when another thread runs next.
void handle_user_fault(thread::Thread& thread, const trap::Fault& fault);
/// A fault that no fast path takes, to the choice of the next thread.
void slow_fault(Tcb& tcb, const Fault& fault) RELEASE(lock);

} // namespace abi::sel4
