#pragma once
// A message from one thread to another. seL4 manual 4.2.

#include "abi/sel4/lock.hpp"
#include "abi/sel4/object/slot.hpp"
#include "abi/sel4/outcome.hpp"

#include <array>

namespace abi::sel4 {

struct Tcb;
struct Endpoint;
class System;

using ExtraCaps = std::array<Slot*, 3>; // the first null ends them

/// The capabilities that come along with a message, as the sender's buffer names them. The failed address, when one
/// leads nowhere.
struct ExtraCapsFailure {
    Cptr address;
    LookupFailure why;
};
std::expected<void, ExtraCapsFailure> lookup_extra_caps(Tcb& tcb, const Word* buffer, MessageInfo info, ExtraCaps& caps)
    REQUIRES(lock);

/// Message or fault of `sender` to `receiver`. `endpoint` null: a reply.
void do_ipc_transfer(Tcb& sender, Endpoint* endpoint, Word badge, bool grant, Tcb& receiver) REQUIRES(lock);
/// Answers a thread that waits for a reply (or whose fault was handled); `slot` holds the reply capability.
void do_reply_transfer(System& system, Tcb& sender, Tcb& receiver, Slot& slot, bool grant) REQUIRES(lock);
/// The receiver gets the right to answer `sender`, which waits for it.
void set_up_caller_cap(Tcb& sender, Tcb& receiver, bool may_grant) REQUIRES(lock);

} // namespace abi::sel4
