#pragma once
// The system calls. seL4 manual 2.2 and appendix "Reference".

#include "abi/sel4/lock.hpp"
#include "thread/thread.hpp"

#include <cstdint>

namespace abi::sel4 {

struct Tcb;

enum SyscallNumber : std::int64_t {
    sys_call = -1,
    sys_reply_recv = -2,
    sys_send = -3,
    sys_nb_send = -4,
    sys_recv = -5,
    sys_reply = -6,
    sys_yield = -7,
    sys_nb_recv = -8,
    sys_set_tls_base = -30, // where programs cannot set it themselves
};

/// From the trap: one system call of a seL4 thread. Takes a fast path where there is one. Interrupts off.
void handle_syscall(thread::Thread& thread);
/// Everything that no fast path takes, from the caller's registers to the choice of the next thread.
void slowpath(Tcb& caller, std::int64_t number) RELEASE(lock);

} // namespace abi::sel4
