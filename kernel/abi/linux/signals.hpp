#pragma once
// Signals as Linux programs see them: frames on the user's stack, return from handlers, restart of interrupted calls,
// faults as signals.

#include "process/signal.hpp"
#include "trap/trap.hpp"

#include <linux/signal.h>

namespace thread {
class Thread;
}

namespace abi::linux {

/// abi::Personality::before_return: delivers what is pending, settles an interrupted call. Interrupts on; may not
/// return.
void before_return(thread::Thread& thread);
/// abi::Personality::fault: the signal that Linux sends for this fault.
void handle_fault(thread::Thread& thread, const trap::Fault& fault);
/// rt_sigreturn: the interrupted context comes back from the user's stack. A frame that cannot be read is a SIGSEGV.
void return_from_handler(thread::Thread& thread);

/// What sigaltstack answers and uc_stack holds.
stack_t to_stack(const process::AlternateStack& stack, std::uintptr_t stack_pointer);

/// siginfo_t of a signal (sigaction(2)).
siginfo_t to_siginfo(const process::SignalInfo& info);

} // namespace abi::linux
