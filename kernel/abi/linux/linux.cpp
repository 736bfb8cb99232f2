#include "abi/linux/linux.hpp"

#include "abi/linux/load.hpp"
#include "abi/linux/signals.hpp"
#include "abi/linux/table.hpp"
#include "abi/linux/thread_end.hpp"
#include "abi/linux/thread_state.hpp"

#include <new>

namespace abi::linux {
namespace {

Result<> thread_created(thread::Thread& child, thread::Thread*) {
    auto* state = new (std::nothrow) ThreadState;
    if (!state)
        return fail(Error::no_memory);
    child.abi_state = state;
    return {};
}

void thread_freed(thread::Thread& thread) {
    delete static_cast<ThreadState*>(thread.abi_state);
    thread.abi_state = nullptr;
}

void entered(thread::Thread&) {}

} // namespace

constinit const Personality personality{
    .name = "linux",
    .default_entry = memory::EntryMode::direct,
    .syscall = handle_syscall,
    .traced_syscall = handle_traced_syscall,
    .fault = handle_fault,
    .before_return = before_return,
    .recognise = recognise,
    .load = load,
    .entered = entered,
    .thread_created = thread_created,
    .thread_ended = end_thread,
    .thread_freed = thread_freed,
    .activate = nullptr,
    .calls = system_calls,
};

} // namespace abi::linux
