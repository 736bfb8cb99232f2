#pragma once
// Faults of user threads, sent as messages to the thread's handler. seL4 manual 6.2 "Fault Messages".

#include "abi/sel4/lock.hpp"
#include "abi/sel4/outcome.hpp"

namespace abi::sel4 {

struct Tcb;

struct Fault {
    /// The numbers are the labels of the messages.
    enum class Kind : std::uint8_t { none, capability, unknown_syscall, user_exception, vm = 5 };
    Kind kind = Kind::none;
    bool receiving = false; // capability: in the receive phase
    /// capability: the address. unknown system call: its number. user exception: number, code. vm: address, FSR
    /// (scause / error code), 1 for an instruction fetch.
    Word words[3] = {0, 0, 0};
    LookupFailure lookup{}; // capability
};

/// Sends `fault` to the running thread's fault handler; a thread without one stays stopped. The thread's program
/// counter is already where it restarts.
void handle_fault(Tcb& tcb, const Fault& fault) REQUIRES(lock);

/// The words of `tcb`'s fault for its handler. Returns how many.
unsigned write_fault_message(Tcb& tcb, Tcb& handler, Word* buffer) REQUIRES(lock);
/// Takes what the handler's reply says; true: the thread goes on.
bool read_fault_reply(Tcb& tcb, Tcb& handler, Word label, unsigned length, const Word* buffer) REQUIRES(lock);

} // namespace abi::sel4
