#pragma once
// xv6's system-call table.

#include "abi/table.hpp"

#include <span>

namespace abi::xv6 {

/// Dispatches the call in thread.frame, with interrupts on while the handler runs. abi::Personality::syscall; the name
/// is that of xv6's own function (kernel/syscall.c).
void syscall(thread::Thread& thread);

/// The same, telling the host. abi::Personality::traced_syscall.
void traced_syscall(thread::Thread& thread);

/// All rows, indexed by number; number 0 has none.
std::span<const Call> system_calls();

} // namespace abi::xv6
