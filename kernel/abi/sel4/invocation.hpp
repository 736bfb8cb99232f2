#pragma once
// One invocation of a capability, from decode to reply. Decoders check everything first and change nothing; what then
// is done cannot fail (but for being preempted where it says so).

#include "abi/sel4/labels.hpp"
#include "abi/sel4/lock.hpp"
#include "abi/sel4/object/slot.hpp"
#include "abi/sel4/outcome.hpp"

#include <array>

namespace abi::sel4 {

struct Tcb;
class System;

struct Invocation {
    Tcb& caller;
    System& system;
    Label label;
    unsigned length; // message words
    Cptr cptr;       // as the caller named the capability
    Slot& slot;      // where it is
    bool blocking;
    bool call;                    // a reply is wanted
    const Word* buffer;           // the caller's IPC buffer; null: none
    std::array<Slot*, 3> extra{}; // capabilities that came along; the first null ends them
    /// The reply to a Call: up to four words. Longer ones: set_message_word() on the caller, and reply_length.
    std::array<Word, 4> reply{};
    unsigned reply_length = 0;
    bool replied = false; // the caller's registers are already set

    const Capability& cap() const { return slot.cap; }
    /// Message word `index`; 0 when there is no buffer to read it from.
    Word word(unsigned index) const REQUIRES(lock);
};

/// Chooses by type. Errors: those of the object.
Outcome decode_invocation(Invocation& invocation) REQUIRES(lock);

Outcome decode_untyped_invocation(Invocation& invocation) REQUIRES(lock);
Outcome decode_cnode_invocation(Invocation& invocation) REQUIRES(lock);
Outcome decode_tcb_invocation(Invocation& invocation) REQUIRES(lock);
Outcome decode_domain_invocation(Invocation& invocation) REQUIRES(lock);

} // namespace abi::sel4
