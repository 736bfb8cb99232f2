#pragma once
// The operations that systems live by, when nothing stands in the way: the partner waits, the message fits into
// registers, nobody better is ready. Everything is checked before anything changes; what is not of this kind goes to
// the slow path unchanged. README.md, "Fast paths".

#include "abi/sel4/lock.hpp"

namespace abi::sel4 {

struct Capability;
struct Fault;
struct Tcb;

// System calls. When another thread runs next they do not return.
void fastpath_call(Tcb& caller) RELEASE(lock);
void fastpath_reply_recv(Tcb& caller) RELEASE(lock);
/// Endpoints and notifications.
void fastpath_send(Tcb& caller) RELEASE(lock);
void fastpath_yield(Tcb& caller) RELEASE(lock);
/// From an interrupt handler: a signal that the interrupted thread's better waits for. That one is the CPU's thread
/// then. False: it is not so, and nothing was done.
bool fastpath_interrupt(const Capability& notification) REQUIRES(lock);
/// The caller touched what is not mapped: the message of a fault of kind vm.
void fastpath_vm_fault(Tcb& caller, const Fault& fault) RELEASE(lock);

} // namespace abi::sel4
