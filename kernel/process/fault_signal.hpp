#pragma once
// Faults as signals, for the personalities whose programs know signals.

#include "process/signal.hpp"
#include "trap/trap.hpp"

#include <optional>

namespace process {

/// What the running thread is to get for its fault (POSIX signal.h's table: SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE
/// and their codes). Nothing when it can go on because another thread resolved the fault meanwhile, or when there was
/// no memory for the page: then its process is on its way to the end. Interrupts on, no locks.
std::optional<SignalInfo> signal_of_fault(thread::Thread& thread, const trap::Fault& fault);

} // namespace process
