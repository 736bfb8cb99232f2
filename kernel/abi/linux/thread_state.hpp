#pragma once
// What the Linux personality keeps per thread.

#include "abi/personality.hpp"

#include <optional>

namespace abi::linux {

struct ThreadState : abi::ThreadState {
    UserAddr clear_child_tid;            // set to 0 and woken as a futex when the thread ends; null: nothing
    UserAddr robust_list;                // struct robust_list_head; null: none
    bool restart_requested = false;      // the call ended with Error::restart, its argument registers are untouched
    bool restart_unless_handled = false; // ... and is made again only when no handler runs (pause, sigsuspend, ppoll)
    std::uint64_t fault_address = 0, fault_cause = 0; // of the last fault that became a signal, for signal frames
    std::optional<thread::Time>
        deadline; // of the call that asks for a restart: kept when it is made again after a stop
};

inline ThreadState& state_of(thread::Thread& thread) {
    return static_cast<ThreadState&>(*thread.abi_state);
}

/// What a call returns that ended with Error::restart and is to be made again only when no handler runs.
std::unexpected<Error> restart_unless_handled(thread::Thread& thread);

/// For calls that sleep for a relative time. When such a call is made again (no handler ran in between), it goes on
/// with its first deadline; when a handler ran it ends with EINTR, whatever SA_RESTART says (signal(7), "Interruption
/// of system calls"). The deadline to use: that of the interrupted call, or now + span.
thread::Time resume_deadline(thread::Thread& thread, thread::Time span);
/// What the call returns when its sleep ended with Error::restart.
std::unexpected<Error> restart_at_deadline(thread::Thread& thread, thread::Time deadline);

} // namespace abi::linux
