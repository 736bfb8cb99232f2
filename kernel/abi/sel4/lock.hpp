#pragma once
// One lock over all capability objects of all seL4 systems, as seL4 itself has one. Interrupts are off while it is
// held; a holder never sleeps. Inside it: run queues' and frame allocator's locks.

#include "lib/spinlock.hpp"

namespace abi::sel4 {

extern Spinlock lock;

} // namespace abi::sel4
