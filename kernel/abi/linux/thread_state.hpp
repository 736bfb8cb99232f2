#pragma once
// What the Linux personality keeps per thread.

#include "abi/personality.hpp"

#include <optional>

namespace abi::linux {

struct ThreadState : abi::ThreadState {
    UserAddr clear_child_tid;       // set to 0 and woken as a futex when the thread ends; null: nothing
    UserAddr robust_list;           // struct robust_list_head; null: none
    bool restart_requested = false; // the call ended with Error::restart, its argument registers are untouched
    std::optional<thread::Time>
        deadline; // of the call that asks for a restart: kept when it is made again after a stop
};

inline ThreadState& state_of(thread::Thread& thread) {
    return static_cast<ThreadState&>(*thread.abi_state);
}

/// For calls that sleep for a relative time. When such a call is made again (no handler ran in between), it goes on
/// with its first deadline; when a handler ran it ends with EINTR, whatever SA_RESTART says (signal(7), "Interruption
/// of system calls"). The deadline to use: that of the interrupted call, or now + span.
thread::Time resume_deadline(thread::Thread& thread, thread::Time span);
/// What the call returns when its sleep ended with Error::restart.
std::unexpected<Error> restart_at_deadline(thread::Thread& thread, thread::Time deadline);

} // namespace abi::linux
