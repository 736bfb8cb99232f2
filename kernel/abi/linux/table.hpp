#pragma once
// The Linux system-call table of this ISA.

#include "abi/table.hpp"

#include <span>

namespace abi::linux {

/// Dispatches the call in thread.frame, with interrupts on while the handler runs. abi::Personality::syscall.
void handle_syscall(thread::Thread& thread);

/// The same, telling the host. abi::Personality::traced_syscall.
void handle_traced_syscall(thread::Thread& thread);

/// All rows, indexed by number; a row without `run` is a call that is not supported.
std::span<const Call> system_calls();

} // namespace abi::linux
