// Decodes traps behind the vectors: xv6's usertrap and usertrapret, interrupts, faults of user and kernel code.

#include "trap/trap.hpp"

#include "csr.hpp"
#include "device/interrupt_controller.hpp"
#include "fault.hpp"
#include "lib/log.hpp"
#include "lib/log_sink.hpp"
#include "thread/thread.hpp"

#include <arch/clock.hpp>
#include <arch/cpu.hpp>
#include <arch/frame.hpp>
#include <arch/page_table.hpp>

namespace arch {
namespace {

/// One at a time: another that is pending interrupts again on the way out, which is rarely so.
void handle_external_interrupt() {
    auto& controller = device::interrupt_controller();
    if (const auto irq = controller.acknowledge()) {
        device::dispatch_interrupt(*irq);
        controller.complete(*irq);
    }
}

void handle_interrupt(Cause cause, bool from_user) {
    switch (cause) {
    case Cause::timer_interrupt:
        stop_alarm(); // pending as long as the alarm's time is past
        return trap::handle_timer(current_cpu(), from_user);
    case Cause::software_interrupt:
        CSR_CLEAR(sip, software_bit); // before the requests are read: one that comes later interrupts again
        return trap::handle_ipi(current_cpu());
    case Cause::external_interrupt:
        return handle_external_interrupt();
    default:
        panic("interrupt of an unknown kind");
    }
}

constexpr bool is_interrupt(std::uint64_t cause) {
    return cause >> 63;
}

/// The CPU may have remembered that there was no mapping (see publish_entry_write).
void forget_page(std::uintptr_t address) {
    asm volatile("sfence.vma %0, zero" : : "r"(address) : "memory");
}

/// Apart, so that interrupts save no registers for it.
[[gnu::noinline]] thread::Thread* handle_user_exception(UserFrame& frame, std::uint64_t cause) {
    std::uint64_t value = CSR_READ(stval);
    thread::Thread& thread = *frame.thread;
    if (is_fpu_unavailable(Cause{cause}, value)) {
        trap::handle_fpu_unavailable(thread);
        return &thread;
    }
    trap::Fault fault = describe_fault(Cause{cause}, value, frame.program_counter, true);
    trap::handle_fault(thread, fault);
    if (is_page_fault(Cause{cause}))
        forget_page(value);
    return &thread;
}

} // namespace

/// What is not a system call, from user mode; interrupts off. Returns the thread that goes on.
extern "C" thread::Thread* handle_user_trap(UserFrame& frame, std::uint64_t cause) {
    if (is_interrupt(cause)) {
        handle_interrupt(Cause{cause}, true);
        return &thread::current();
    }
    return handle_user_exception(frame, cause);
}

/// Trampoline mode: uservec comes here on the thread's kernel stack, with the full table.
extern "C" [[noreturn]] void usertrap(UserFrame& frame) {
    CSR_WRITE(stvec, reinterpret_cast<std::uintptr_t>(&kernelvec));
    thread::Thread& thread = *frame.thread;
    std::uint64_t cause = CSR_READ(scause);
    std::uint64_t pc = CSR_READ(sepc);
    if (Cause{cause} == Cause::user_ecall) [[likely]] {
        frame.program_counter = pc + 4; // behind the ecall
        trap::handle_syscall(thread);
    } else {
        frame.program_counter = pc;
        handle_user_trap(frame, cause);
    }
    trap::leave(thread);
    restore_user_context(*thread.frame);
}

/// restore_user_context() comes here with an isolated thread's frame. Never returns; not declared so, because then the
/// compiler would save a return address before the jump.
extern "C" void usertrapret(UserFrame& frame) {
    thread::Cpu& cpu = current_cpu();
    CSR_WRITE(stvec, cpu.arch.uservec);
    frame.kernel_satp = cpu.arch.kernel_satp;
    frame.cpu = &cpu;
    CSR_WRITE(sepc, frame.program_counter);
    using Userret = void(std::uintptr_t frame, std::uint64_t satp);
    reinterpret_cast<Userret*>(cpu.arch.userret)(frame.user_view, cpu.arch.user_satp);
}

/// An interrupt in kernel code.
extern "C" void handle_kernel_interrupt(KernelFrame&, std::uint64_t cause) {
    handle_interrupt(Cause{cause}, false);
}

/// A fault in kernel code: user memory touched by a user copy, or a bug. Interrupts are off here; the handler gets them
/// as the faulting code had them.
extern "C" void handle_kernel_exception(KernelFrame& frame, std::uint64_t cause) {
    std::uint64_t value = CSR_READ(stval);
    trap::Fault fault = describe_fault(Cause{cause}, value, frame.program_counter, false);
    if (is_page_fault(Cause{cause}) && is_stale_kernel_fault(fault))
        return forget_page(value);
    if (frame.status & SSTATUS_SPIE)
        enable_interrupts();
    bool resolved = trap::handle_kernel_fault(fault, frame.program_counter);
    disable_interrupts();
    if (!resolved)
        trap::kernel_fault(fault, frame);
    if (is_page_fault(Cause{cause}))
        forget_page(value);
}

extern "C" [[noreturn]] void report_kernel_stack_overflow(KernelFrame& frame) {
    klog::write_panic("kernel stack overflow\n");
    trap::kernel_fault(
        {.kind = trap::Fault::Kind::write,
         .user = false,
         .present = false,
         .address = CSR_READ(stval),
         .pc = frame.program_counter,
         .cause = CSR_READ(scause)},
        frame);
}

} // namespace arch
