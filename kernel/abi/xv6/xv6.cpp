#include "abi/xv6/xv6.hpp"

#include "abi/xv6/faults.hpp"
#include "abi/xv6/load.hpp"
#include "abi/xv6/table.hpp"
#include "process/process.hpp"

namespace abi::xv6 {
namespace {

// xv6 keeps nothing for a thread.
Result<> thread_created(thread::Thread&, thread::Thread*) {
    return {};
}
void thread_ended(thread::Thread&) {}

/// A Linux program may have chosen not to hear of its children; an xv6 program waits for them.
void entered(thread::Thread& thread) {
    thread.process->actions->set(process::Signal::child, {});
}

} // namespace

constinit const Personality personality{
    .name = "xv6",
    .default_entry = memory::EntryMode::trampoline,
    .syscall = syscall,
    .traced_syscall = traced_syscall,
    .fault = handle_fault,
    .before_return = before_return,
    .recognise = recognise,
    .load = load,
    .entered = entered,
    .copies_program = true,
    .thread_created = thread_created,
    .thread_ended = thread_ended,
    .thread_freed = thread_ended,
    .activate = nullptr,
    .calls = system_calls,
};

} // namespace abi::xv6
