#pragma once
// A personality is one constant: how programs of one kernel are recognised, loaded, dispatched, and how faults and
// signals reach them. Personalities translate; the shared services do the work. Nothing outside abi/ names one.

#include "abi/table.hpp"
#include "memory/address_space.hpp"
#include "trap/trap.hpp"

#include <span>
#include <string_view>

namespace process {
class Process;
class ElfImage;
struct ExecRequest;
} // namespace process

namespace abi {

/// What a personality keeps per thread; each derives its own.
struct ThreadState {};

struct Personality {
    std::string_view name; // as --abi takes it
    memory::EntryMode default_entry;

    /// Dispatches the system call in thread.frame. On the handler's stack, interrupts off; process-style dispatchers
    /// switch them on before the handler and off behind it.
    void (*syscall)(thread::Thread& thread);
    /// The same, telling the host of each call (abi/trace.hpp). Null: this personality's calls cannot be traced.
    void (*traced_syscall)(thread::Thread& thread) = nullptr;
    /// A fault that the address space could not resolve: a signal, a message, the end. Interrupts on for process-style
    /// threads.
    void (*fault)(thread::Thread& thread, const trap::Fault& fault);
    /// Pending work_signal / work_restore_mask before user mode. Interrupts on; may end the thread. Of stackless
    /// threads: any work; interrupts off; another thread may run next, then it does not return.
    void (*before_return)(thread::Thread& thread);

    /// 0: not one of ours; else how sure (an explicit note or OSABI 100, an interpreter 80, a convention 50, a guess
    /// 10).
    unsigned (*recognise)(const process::ElfImage& image);
    /// Builds the new image in request.address_space: segments, interpreter, initial stack; fills request.start
    /// (registers). The caller commits.
    Result<> (*load)(process::ExecRequest& request);
    /// Commit: the thread is about to enter the new image (per-thread personality state, dispositions).
    void (*entered)(thread::Thread& thread);
    /// load() copies the file, which may be written while it is loaded and while its program runs.
    bool copies_program = false;

    /// Per-thread personality state: made for a new thread (parent null: first thread of a fresh program), freed with
    /// it. Errors: no_memory.
    Result<> (*thread_created)(thread::Thread& child, thread::Thread* parent);
    void (*thread_ended)(thread::Thread& thread); // before the thread leaves its process: robust lists, clear_child_tid
    void (*thread_freed)(thread::Thread& thread); // abi_state goes

    /// Stackless threads: makes the thread's memory the CPU's user half and its frame ready for a trap on this CPU, and
    /// says so in Cpu::foreign_root. Interrupts off, the run queue's lock held. Null for personalities without any.
    void (*activate)(thread::Thread& thread);

    std::span<const Call> (*calls)(); // the table, for traces and the support table
};

/// All personalities of this kernel, in the order in which they are asked.
std::span<const Personality* const> personalities();
/// By name; null when there is none.
const Personality* find_personality(std::string_view name);

} // namespace abi
