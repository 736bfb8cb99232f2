#pragma once
// The two calls that servers live by, when nothing stands in the way: the partner waits, the message fits into
// registers, nobody better is ready. Everything is checked before anything changes; a call that is not of this kind
// comes back unchanged and takes the slow path.

#include "abi/sel4/lock.hpp"

namespace abi::sel4 {

struct Tcb;

/// Does not return when it has made the call; then the lock is released.
void fastpath_call(Tcb& caller) REQUIRES(lock);
void fastpath_reply_recv(Tcb& caller) REQUIRES(lock);

} // namespace abi::sel4
