// What the entries of entry.S call: causes become trap::Fault, interrupts reach their handlers.

#include "arch/x86_64/apic.hpp"
#include "arch/x86_64/msr.hpp"
#include "arch/x86_64/vectors.hpp"
#include "device/interrupt_controller.hpp"
#include "lib/log.hpp"
#include "thread/cpu.hpp"
#include "thread/thread.hpp"
#include "trap/trap.hpp"

#include <arch/frame.hpp>
#include <arch/page_table.hpp>

namespace arch {
namespace {

using Kind = trap::Fault::Kind;

// Page-fault error code (SDM volume 3, 4.7)
constexpr std::uint64_t fault_present = 1u << 0, fault_write = 1u << 1, fault_reserved = 1u << 3, fault_fetch = 1u << 4;

Kind kind_of(std::uint64_t vector, std::uint64_t error_code) {
    switch (vector) {
    case vector::divide:
        return Kind::divide;
    case vector::debug:
        return Kind::single_step;
    case vector::breakpoint:
        return Kind::breakpoint;
    case vector::overflow:
        return Kind::overflow;
    case vector::invalid_opcode:
        return Kind::illegal_instruction;
    case vector::segment_not_present:
    case vector::stack_segment:
        return Kind::bus_error;
    case vector::page_fault:
        if (error_code & fault_fetch)
            return Kind::execute;
        return error_code & fault_write ? Kind::write : Kind::read;
    case vector::x87_error:
    case vector::simd_error:
        return Kind::floating_point;
    case vector::alignment:
        return Kind::alignment;
    default:
        return Kind::protection;
    }
}

/// `cr2` was read before anything could fault again.
trap::Fault
describe(std::uint64_t vector, std::uint64_t error_code, std::uint64_t program_counter, bool user, std::uintptr_t cr2) {
    const bool page_fault = vector == vector::page_fault;
    const bool kernel_address = page_fault && user && cr2 >= user_top;
    if (kernel_address)
        error_code |= fault_present; // whether the kernel has something there is not the program's to know
    // int3 is reported behind the instruction
    const std::uintptr_t pc = vector == vector::breakpoint ? program_counter - 1 : program_counter;
    return {
        .kind = kind_of(vector, error_code),
        .user = user,
        .present = page_fault && !kernel_address && (error_code & fault_present) != 0,
        .address = page_fault ? cr2 : pc,
        .pc = pc,
        .cause = vector << 32 | (error_code & 0xffff'ffff)};
}

void handle_interrupt(std::uint64_t vector, bool from_user) {
    thread::Cpu& cpu = current_cpu();
    switch (vector) {
    case vector::timer:
        end_of_interrupt();
        return trap::handle_timer(cpu, from_user);
    case vector::ipi:
        end_of_interrupt();
        return trap::handle_ipi(cpu);
    case vector::spurious:
        return; // has no in-service bit to clear
    case vector::apic_error:
        end_of_interrupt();
        return;
    default:
        break;
    }
    if (vector >= vector::first_device && vector < vector::first_local)
        device::dispatch_interrupt(static_cast<device::Irq>(vector - vector::first_device));
    if (vector >= vector::first_device)
        end_of_interrupt();
    // Below are the lines of the masked legacy controller, which may still be spurious: nothing was raised in the APIC.
}

/// Before the first thread there is nobody whose fault it could be.
[[noreturn]] void report_and_stop(const KernelFrame& frame, std::uintptr_t cr2) {
    if (read_msr(msr::gs_base) == 0 || !current_cpu().current) {
        print_registers(frame);
        print_backtrace();
        panic("unexpected fault while the kernel starts");
    }
    trap::kernel_fault(describe(frame.vector, frame.error_code, frame.program_counter, false, cr2), frame);
}

} // namespace

/// From entry_SYSCALL_64, on the thread's handler stack.
extern "C" [[noreturn]] void do_syscall_64(thread::Thread& thread) {
    trap::handle_syscall(thread);
    trap::leave(thread);
    restore_user_context(*thread.frame);
}

/// From every other vector taken in user mode, likewise.
extern "C" [[noreturn]] void do_user_trap(thread::Thread& thread) {
    const std::uintptr_t cr2 = read_cr2();
    UserFrame& frame = *thread.frame;
    frame.vector &= 0xff; // the stub's push extended the sign
    if (frame.vector >= vector::first_interrupt) {
        handle_interrupt(frame.vector, true);
        thread::Thread& next = thread::current(); // perhaps another one
        trap::leave(next);
        restore_user_context(*next.frame);
    }
    if (frame.vector == vector::page_fault && (frame.error_code & fault_reserved))
        panic("a page table entry has reserved bits set");
    if (frame.vector == vector::fpu_unavailable)
        trap::handle_fpu_unavailable(thread);
    else
        trap::handle_fault(thread, describe(frame.vector, frame.error_code, frame.program_counter, true, cr2));
    trap::leave(thread);
    restore_user_context(*thread.frame);
}

/// restore_user_context() found a pc that iret would not take: the fault is the thread's, as if it had jumped there.
extern "C" [[noreturn]] void handle_noncanonical_return(UserFrame& frame) {
    thread::Thread& thread = *frame.thread;
    trap::handle_fault(thread, describe(vector::general_protection, 0, frame.program_counter, true, 0));
    trap::leave(thread);
    restore_user_context(*thread.frame);
}

/// From kernel mode.
extern "C" void do_kernel_trap(KernelFrame& frame) {
    const std::uintptr_t cr2 = read_cr2();
    frame.vector &= 0xff;
    if (frame.vector >= vector::first_interrupt)
        return handle_interrupt(frame.vector, false);
    const trap::Fault fault = describe(frame.vector, frame.error_code, frame.program_counter, false, cr2);
    const bool with_interrupts = (frame.status & flag::interrupt) != 0;
    if (frame.vector == vector::page_fault && (frame.error_code & fault_reserved))
        report_and_stop(frame, cr2);
    if (with_interrupts)
        enable_interrupts(); // demand paging inside a user copy may sleep
    const bool resolved = trap::handle_kernel_fault(fault, frame.program_counter);
    disable_interrupts();
    if (!resolved)
        report_and_stop(frame, cr2);
}

/// NMI, #MC, #DF, and #DB in the kernel; on a stack of the exception's own.
extern "C" void do_exception_on_own_stack(KernelFrame& frame) {
    frame.vector &= 0xff;
    switch (frame.vector) {
    case vector::nmi:
        return; // nobody sends any; and no lock may be taken here, not even the log's
    case vector::debug:
        // A data breakpoint or single step that was pending across syscall. No debug register is ever armed.
        asm volatile("movq %0, %%dr6" ::"r"(std::uint64_t{0xffff'0ff0}));
        return;
    case vector::double_fault:
        report_double_fault(frame, read_cr2());
    default:
        report_and_stop(frame, read_cr2());
    }
}

} // namespace arch
