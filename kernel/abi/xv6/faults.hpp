#pragma once
// What ends an xv6 program that did not ask for it: faults, and signals from programs of other kernels.

#include "trap/trap.hpp"

namespace abi::xv6 {

/// abi::Personality::fault: xv6's report on the console, then the process is killed; its parent's wait() says -1.
void handle_fault(thread::Thread& thread, const trap::Fault& fault);
/// abi::Personality::before_return: signals do what they do by default. May not return.
void before_return(thread::Thread& thread);

} // namespace abi::xv6
