#pragma once
// The trap core: what every trap goes through between the vector and a personality. One path for all ISAs and
// personalities.

#include "lib/address.hpp"
#include "lib/result.hpp"

#include <arch/frame.hpp>
#include <cstdint>

namespace thread {
class Thread;
struct Cpu;
} // namespace thread

namespace trap {

/// Why user or kernel code could not go on, in no ISA's numbering.
struct Fault {
    enum class Kind : std::uint8_t {
        read,    // load from `address` not allowed by the page tables
        write,   // store
        execute, // instruction fetch
        alignment,
        bus_error, // external abort, access fault outside RAM
        illegal_instruction,
        privileged_instruction,
        breakpoint,
        single_step,
        divide,
        overflow,
        floating_point,
        protection, // x86 #GP and its like, no address
    } kind;
    bool user;              // taken from user mode
    bool present;           // page faults: a mapping was there but lacked the right
    std::uintptr_t address; // page faults, alignment: the data address; else the pc
    std::uintptr_t pc;      // the instruction
    std::uint64_t cause;    // ESR_EL1 / scause / (vector << 32 | error code), for reports and for seL4's fault messages
};

// From user mode, on the thread's handler stack, interrupts off. The frame is complete; handlers may replace all of it.

/// The personality's dispatcher. The frame's pc is behind the trap instruction.
void handle_syscall(thread::Thread& thread);
/// Page faults that the address space can resolve are resolved; all else goes to the personality.
void handle_fault(thread::Thread& thread, const Fault& fault);
/// Gives the CPU's FPU to the thread (first use, or another thread had it).
void handle_fpu_unavailable(thread::Thread& thread);
/// The last step before user mode: pending work (reschedule, signals, exit), FPU owner. Returns with interrupts off,
/// when `thread` may go on in user mode; on a thread that runs without a kernel stack of its own it may not return at
/// all.
void leave(thread::Thread& thread);

// From either mode, interrupts off.

/// `from_user`: the interrupted code was a program's (for time accounting).
void handle_timer(thread::Cpu& cpu, bool from_user);
void handle_ipi(thread::Cpu& cpu);

// From kernel mode.

/// Demand paging for the kernel's own access to user memory. Errors: bad_address, access_denied, out_of_range,
/// no_memory.
Result<> resolve_kernel_access(const Fault& fault);
/// True: resolved (demand-paged user memory touched by a user copy) or the frame's pc was moved to a fix-up. False: a
/// kernel bug; the caller panics through kernel_fault. Called with the interrupt state of the faulting code.
bool handle_kernel_fault(const Fault& fault, std::uintptr_t& pc);
/// Reports a fault in the kernel with its registers and stops.
[[noreturn]] void kernel_fault(const Fault& fault, const arch::KernelFrame& frame);
/// The fix-up address for a faulting user-copy instruction, 0 when `pc` is none.
std::uintptr_t find_fixup(std::uintptr_t pc);

} // namespace trap
