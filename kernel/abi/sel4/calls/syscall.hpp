#pragma once
// The system calls, as the trap hands them over. seL4 manual 2.2 "System Calls", libsel4 api/syscall.xml (non-MCS).

namespace thread {
class Thread;
}

namespace abi::sel4 {

/// abi::Personality::syscall. Does not return when another thread runs next.
void handle_syscall(thread::Thread& thread);

} // namespace abi::sel4
