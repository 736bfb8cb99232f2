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

namespace abi {
struct Personality;
struct ThreadState;
}
namespace memory {
class AddressSpace;
}
namespace process {
class Process;
struct Member;
}

namespace thread {

struct Cpu;
class Thread;
class WaitQueue;

/// What leave() has to look at before user mode. One word, so that the common case is one compare.
enum Work : std::uint32_t {
    work_reschedule = 1u << 0,
    work_signal = 1u << 1,     // the personality's before_return
    work_exit = 1u << 2,       // the process is going away: this thread ends instead of returning
    work_stop = 1u << 3,       // job control
    work_restore_mask = 1u << 4, // a temporary signal mask (sigsuspend, ppoll) is to be put back
};

enum class State : std::uint8_t {
    created,
    ready,     // in a run queue
    running,   // on a CPU
    blocked,   // until wake()
    ended,
};

class Thread : public RefCounted<Thread> {
public:
    arch::UserFrame own_frame;             // first: the save area that the vector finds; unused when the entry mode is trampoline
    arch::UserFrame* frame = &own_frame;   // the save area in use: own_frame, or a frame page of an isolated address space
    void (*syscall)(Thread&) = nullptr;    // the personality's dispatcher, or its tracing twin
    std::atomic<std::uint32_t> work{0};    // Work bits

    const abi::Personality* personality = nullptr; // null: kernel thread
    process::Process* process = nullptr;   // null: kernel thread. The process holds its threads, not the reverse
    memory::AddressSpace* address_space = nullptr; // of process; null: kernel thread
    std::uint32_t id = 0;                  // thread id; the first thread's is the process id

    // Suspended kernel code (process-style threads and kernel threads)
    std::uintptr_t kernel_stack = 0;       // top; 0: runs on the CPU's stack and never blocks in a call
    arch::KernelContext context{};
    bool has_context = false;              // context is to be resumed; else the user frame
    arch::ThreadRegisters registers{};
    void* fpu_state = nullptr;             // null until the first FPU instruction
    std::atomic<Cpu*> fpu_cpu{nullptr};    // where the newest state is in the registers; null: fpu_state is the newest

    // Scheduling: guarded by the run queue's lock of `cpu`, but for what the running thread writes about itself
    std::atomic<State> state{State::created};
    Priority priority = 128;
    std::uint32_t affinity = ~0u;          // CPUs it may run on
    Cpu* cpu = nullptr;                    // where it runs, or last ran
    Time slice_end = 0;                    // when its time slice is over
    Thread* run_next = nullptr;
    Thread* run_previous = nullptr;
    bool on_run_queue = false;
    std::atomic<bool> on_cpu{false};       // registers and stack still in use by a CPU; a waker waits for false before it runs it elsewhere

    // Waiting
    Spinlock wait_lock;                    // guards waiting_on's link of this thread and wake_reason
    QueueHook wait_hook;
    WaitQueue* waiting_on = nullptr;

    Time user_time = 0;                    // ns
    Time system_time = 0;
    char name[16] = {};                    // comm

    abi::ThreadState* abi_state = nullptr; // what the personality keeps per thread; owned, freed by the personality

    process::Member* member = nullptr;     // its place in the process and its signals; null: kernel thread. Owned by process/
    QueueHook process_hook;                // in process->threads
};

/// The thread on this CPU.
inline Thread& current();

/// A process-style thread with a kernel stack and an initialised frame (pc, sp, all else zero), state created. Errors: no_memory.
Result<Ref<Thread>> create_user_thread(process::Process& process);

/// A thread that runs `entry(argument)` in the kernel and ends when it returns. Errors: no_memory.
Result<Ref<Thread>> create_kernel_thread(const char* name, void (*entry)(void*), void* argument, Priority priority = 128);

/// Makes a created thread ready. The scheduler holds a reference of its own until the thread has ended.
void start(Thread& thread);

/// Ends the running thread; its last reference frees it. Never returns. No locks held.
[[noreturn]] void exit_current();

} // namespace thread

#include "thread/current.inc"
