#pragma once
// A thread of any personality: its user registers, its place in the scheduler, what it waits for.

#include "lib/ref.hpp"
#include "lib/result.hpp"
#include "thread/run_queue.hpp"
#include "thread/timer.hpp"

#include <arch/context.hpp>
#include <arch/frame.hpp>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace abi {
struct Personality;
struct ThreadState;
} // namespace abi
namespace memory {
class AddressSpace;
}
namespace process {
class Process;
struct Member;
} // namespace process

namespace thread {

struct Cpu;
class Thread;
class WaitQueue;

/// What leave() has to look at before user mode. One word, so that the common case is one compare.
enum Work : std::uint32_t {
    work_reschedule = 1u << 0,
    work_signal = 1u << 1,       // the personality's before_return
    work_exit = 1u << 2,         // the process is going away: this thread ends instead of returning
    work_stop = 1u << 3,         // job control
    work_reap = 1u << 5,         // ended threads of this CPU are to be freed
    work_restore_mask = 1u << 4, // a temporary signal mask (sigsuspend, ppoll) is to be put back
};

enum class State : std::uint8_t {
    created,
    ready,   // in a run queue
    running, // on a CPU
    blocked, // until wake()
    ended,
};

class Thread {
public:
    arch::UserFrame own_frame; // first: the save area that the vector finds; unused when the entry mode is trampoline
    arch::UserFrame* frame =
        &own_frame;                     // the save area in use: own_frame, or a frame page of an isolated address space
    void (*syscall)(Thread&) = nullptr; // the personality's dispatcher, or its tracing twin
    std::atomic<std::uint32_t> work{0}; // Work bits

    const abi::Personality* personality = nullptr; // null: kernel thread
    process::Process* process = nullptr; // null: kernel thread. The process holds its threads, not the reverse
    memory::AddressSpace* address_space = nullptr; // of process; null: kernel thread
    std::uint32_t id = 0;                          // thread id; the first thread's is the process id

    /// It never waits inside the kernel: its handlers run to their end on the CPU's handler stack, and nothing of them
    /// is kept over a switch. Its personality keeps its memory (activate) and chooses in before_return.
    bool stackless = false;

    // Suspended kernel code (process-style threads and kernel threads)
    std::uintptr_t kernel_stack = 0; // top; 0: runs on the CPU's stack and never blocks in a call
    arch::KernelContext context{};
    void (*kernel_entry)(void*) = nullptr; // kernel threads: what they run
    void* kernel_argument = nullptr;
    arch::ThreadRegisters registers{};
    bool fpu_forbidden = false;         // FPU instructions are faults (kind floating_point, cause 0)
    void* fpu_state = nullptr;          // null until the first FPU instruction
    std::atomic<Cpu*> fpu_cpu{nullptr}; // where the newest state is in the registers; null: fpu_state is the newest

    // Scheduling: guarded by the run queue's lock of `cpu`, but for what the running thread writes about itself
    std::atomic<State> state{State::created};
    Priority priority = 128;
    std::uint32_t affinity = ~0u; // CPUs it may run on
    std::atomic<Cpu*> cpu{
        nullptr};        // where it runs, is queued, or last ran; changed under the run queue's lock of the new one
    Time slice_left = 0; // ns of its time slice that are left
    Time slice_length = 4'000'000; // ns it may run before its equals do; Linux's nice levels change this
    Thread* run_next = nullptr;
    Thread* run_previous = nullptr;
    bool on_run_queue = false;

    // Waiting
    QueueHook wait_hook;                    // in waiting_on, under its lock
    WaitQueue* waiting_on = nullptr;        // null again as soon as a waker has chosen this thread
    std::atomic<bool> interruptible{false}; // a signal may end the sleep
    bool no_paging = false;                 // user copies fail instead of paging in (thread/no_paging.hpp)
    Thread* next_dead = nullptr;            // in its CPU's list of ended threads

    Time user_time = 0; // ns
    Time system_time = 0;
    char name[16] = {}; // comm

    abi::ThreadState* abi_state = nullptr; // what the personality keeps per thread; owned, freed by the personality

    process::Member* member =
        nullptr;                  // its place in the process and its signals; null: kernel thread. Owned by process/
    std::uint16_t frame_slot = 0; // of a frame page in its isolated address space; memory/ keeps it

    QueueHook process_hook; // in process->threads

    // Shared ownership (lib/ref.hpp); not a base class, because the frame must come first.
    void add_reference() const { references_.add_reference(); }
    bool try_add_reference() const { return references_.try_add_reference(); }
    bool drop_reference() const { return references_.drop_reference(); }

private:
    struct Count : RefCounted<Count> {
    } references_;
};

/// Frees the thread, its stack and FPU state. By the last Ref; interrupts on.
void destroy(Thread* thread);

/// The thread on this CPU.
inline Thread& current();

/// A process-style thread with a kernel stack and a zeroed frame that is attached to `address_space`, state created.
/// The caller sets process, personality, id and registers. Errors: no_memory.
Result<Ref<Thread>> create_user_thread(memory::AddressSpace& address_space);

/// A thread that runs `entry(argument)` in the kernel and ends when it returns. Errors: no_memory.
Result<Ref<Thread>>
create_kernel_thread(const char* name, void (*entry)(void*), void* argument, Priority priority = 128);

/// The thread that a CPU runs when there is no other; its stack is the one that the CPU booted on. Boot only. Errors:
/// no_memory.
Result<Thread*> create_idle_thread();

/// Sets the name, cut to what fits.
void set_name(Thread& thread, std::string_view name);

/// Makes a created thread ready. The scheduler holds a reference of its own until the thread has ended.
void start(Thread& thread);

/// Ends the running thread; its last reference frees it. Never returns. No locks held.
[[noreturn]] void exit_current();

} // namespace thread

#include "thread/current.inc"
