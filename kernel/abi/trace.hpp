#pragma once
// System calls told to the host, for `pylon trace`. A traced thread's `syscall` points at the tracing twin of its
// personality's dispatcher; all others pay nothing. What is told is raw (docs/boot-protocol.md, "The trace port"): the
// host has the tables to read it by.

#include "abi/table.hpp"

#include <span>
#include <string_view>

namespace abi {

/// One call as it stood in the frame before its handler ran.
struct TracedCall {
    std::uint64_t number = 0;
    std::array<std::uint64_t, max_arguments> arguments{};
    const Call* row = nullptr; // null: not supported
    std::string_view name;     // of an unsupported call, when the original kernel has a name for it
};

/// Opens the trace port and traces `thread` from its next system call on; `follow`: also the threads and processes that
/// traced ones make. A thread that runs, personality set, interrupts on. Boot only. Errors:
/// no_device (no such port), no_memory, not_supported (a personality without a tracing twin).
Result<> start_tracing(thread::Thread& thread, bool follow);

/// True when `thread`'s calls are told.
bool is_traced(const thread::Thread& thread);
/// The dispatcher for a thread that `parent` makes.
using Dispatcher = void (*)(thread::Thread&);
Dispatcher dispatcher_for_child(const thread::Thread& parent);

/// Waits until the host has taken all records, or is gone. Before the machine goes off; interrupts on.
void drain_trace();

/// Tell the host of a call that begins, with what its strings and input buffers hold, and of its end, with what was put
/// into its output buffers. Both may sleep; interrupts on.
void trace_enter(const thread::Thread& thread, const TracedCall& call);
void trace_leave(const thread::Thread& thread, const TracedCall& call, std::int64_t result, bool restarts);

/// The tracing twin of `Dispatch`, a personality's process-style dispatcher over `Table`. Its Convention also gives
/// std::int64_t result(const UserFrame&) and, where calls can be interrupted, bool restarts(thread::Thread&): this one
/// was and has no result yet. `NameOf(number)` names calls that have no row.
template <typename Convention, const auto& Table, auto Dispatch, auto NameOf>
void traced(thread::Thread& thread) {
    TracedCall call;
    call.number = Convention::number(*thread.frame);
    for (unsigned i = 0; i < max_arguments; ++i)
        call.arguments[i] = Convention::argument(*thread.frame, i);
    if (call.number < Table.size() && Table[call.number].run)
        call.row = &Table[call.number];
    else
        call.name = NameOf(call.number);
    arch::enable_interrupts();
    trace_enter(thread, call);
    arch::disable_interrupts();
    [[maybe_unused]] const Personality* const personality = thread.personality;
    Dispatch(thread);
    arch::enable_interrupts();
    // After exec the thread may be another personality's.
    bool restarts = false;
    if constexpr (requires { Convention::restarts(thread); })
        restarts = thread.personality == personality && Convention::restarts(thread);
    trace_leave(thread, call, Convention::result(*thread.frame), restarts);
    arch::disable_interrupts();
}

} // namespace abi
