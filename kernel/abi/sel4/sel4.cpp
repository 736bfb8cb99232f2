#include "abi/sel4/sel4.hpp"

#include "abi/personality.hpp"
#include "abi/sel4/calls/syscall.hpp"
#include "abi/sel4/keeper.hpp"
#include "abi/sel4/load.hpp"
#include "abi/sel4/schedule.hpp"
#include "abi/sel4/user_fault.hpp"

namespace abi::sel4 {
namespace {

/// A system's process is an ordinary thread; the system's own threads are stackless.
void return_to_user(thread::Thread& thread) {
    if (thread.stackless)
        before_return(thread);
    else
        keep_system(thread);
}

std::span<const Call> system_calls() {
    return {};
}

} // namespace

constinit const Personality personality{
    .name = "sel4",
    .default_entry = memory::EntryMode::direct,
    .syscall = handle_syscall,
    .fault = handle_user_fault,
    .before_return = return_to_user,
    .recognise = recognise,
    .load = load,
    .entered = entered,
    .thread_created = keeper_created,
    .thread_ended = keeper_ended,
    .thread_freed = keeper_freed,
    .activate = activate,
    .calls = system_calls,
};

} // namespace abi::sel4
