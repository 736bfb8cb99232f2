#pragma once
// Looks whether the derivation tree and the capabilities of a system are what they must be. For tests and fuzzers.

#include "abi/sel4/lock.hpp"

namespace abi::sel4 {

class System;

/// Walks the initial thread's CSpace, the CNodes that it leads to, all threads' slots and their families, and all
/// VSpaces: the tree is well formed, no memory is in two objects, no page is mapped without a capability. Returns how
/// many rules are broken; each is named on the kernel log.
unsigned check_invariants(System& system) REQUIRES(lock);

} // namespace abi::sel4
