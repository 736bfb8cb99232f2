// Traps from user mode: the one path for all personalities.

#include "abi/personality.hpp"
#include "lib/log.hpp"
#include "process/lifecycle.hpp"
#include "thread/scheduler.hpp"
#include "trap/page_fault.hpp"

namespace trap {
namespace {

/// One round of pending work. Interrupts on.
void do_work(thread::Thread& thread, std::uint32_t work) {
    if (work & thread::work_reap)
        thread::reap();
    if (work & thread::work_exit)
        process::end_current_thread();
    if (work & thread::work_stop)
        process::stop_current();
    if (work & (thread::work_signal | thread::work_restore_mask))
        thread.personality->before_return(thread);
    if (work & thread::work_reschedule)
        thread::schedule();
}

} // namespace

void handle_syscall(thread::Thread& thread) {
    thread.syscall(thread);
}

void handle_fault(thread::Thread& thread, const Fault& fault) {
    if (!thread.address_space)
        return thread.personality->fault(thread, fault);
    arch::enable_interrupts();
    if (!is_page_fault(fault) || !thread.address_space->handle_fault(fault.address, access_of(fault)))
        thread.personality->fault(thread, fault);
    arch::disable_interrupts();
}

void handle_fpu_unavailable(thread::Thread& thread) {
    if (thread.fpu_forbidden) [[unlikely]] {
        const std::uintptr_t pc = thread.frame->program_counter;
        return handle_fault(
            thread,
            {.kind = Fault::Kind::floating_point, .user = true, .present = true, .address = pc, .pc = pc, .cause = 0});
    }
    if (thread::acquire_fpu(thread))
        return;
    klog::warning("thread {}: no memory for its FPU state", thread.id);
    handle_fault(
        thread, {.kind = Fault::Kind::bus_error,
                 .user = true,
                 .present = true,
                 .address = thread.frame->program_counter,
                 .pc = thread.frame->program_counter,
                 .cause = 0});
}

void leave(thread::Thread& thread) {
    while (const std::uint32_t work = thread.work.load(std::memory_order_relaxed)) [[unlikely]] {
        if (thread.stackless) { // interrupts stay off: they come from its user mode only
            thread.personality->before_return(thread);
            continue;
        }
        arch::enable_interrupts();
        do_work(thread, work);
        arch::disable_interrupts();
    }
}

Result<> resolve_kernel_access(const Fault& fault) {
    thread::Thread& thread = thread::current();
    if (!is_page_fault(fault) || !thread.address_space || thread.no_paging || fault.address >= arch::user_top)
        return fail(Error::bad_address);
    return thread.address_space->handle_fault(fault.address, access_of(fault));
}

} // namespace trap
