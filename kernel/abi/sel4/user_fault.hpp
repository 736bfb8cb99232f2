#pragma once
// Faults of user mode, as the trap core hands them over.

#include "trap/trap.hpp"

namespace abi::sel4 {

/// abi::Personality::fault. Interrupts off. Does not return when another thread runs next.
void handle_user_fault(thread::Thread& thread, const trap::Fault& fault);

} // namespace abi::sel4
