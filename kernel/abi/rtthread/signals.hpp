#pragma once
// Signals as RT-Thread programs see them: the frame on the user's stack, the way back, faults.

#include "trap/trap.hpp"

namespace abi::rtthread {

/// abi::Personality::before_return: what a new thread waits for, delivery of what is pending, the end of an interrupted
/// call. Interrupts on; may not return.
void before_return(thread::Thread& thread);
/// abi::Personality::fault: the signal for it; a thread that has no handler takes its process along, with a report.
void handle_fault(thread::Thread& thread, const trap::Fault& fault);
/// The trap that ends a handler: the interrupted registers come back from the user's stack. A frame that cannot be read
/// is a segmentation fault.
void arch_signal_quit(thread::Thread& thread);

} // namespace abi::rtthread
