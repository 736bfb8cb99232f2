// Interrupts that every CPU has: its timer and requests from other CPUs.

#include "process/cpu_timer.hpp"
#include "thread/scheduler.hpp"
#include "trap/trap.hpp"

#include <arch/page_table.hpp>

namespace trap {

void handle_timer(thread::Cpu& cpu, bool from_user) {
    thread::handle_alarm(cpu, from_user);
    if (process::Process* process = cpu.current->process; process && process::has_cpu_timers(*process)) [[unlikely]]
        process::run_cpu_timers(*process);
}

void handle_ipi(thread::Cpu& cpu) {
    const std::uint32_t requests = cpu.ipi_requests.exchange(0, std::memory_order_acq_rel);
    if (requests & thread::ipi_stop)
        arch::halt();
    if (requests & thread::ipi_flush_translation)
        arch::handle_flush_ipi();
    if (requests & thread::ipi_release_fpu)
        thread::release_fpu(cpu);
    if (requests & thread::ipi_barrier) {
        std::atomic_thread_fence(std::memory_order_seq_cst);
        cpu.barriers.fetch_add(1, std::memory_order_release);
    }
    if (requests & thread::ipi_reschedule)
        cpu.current->work.fetch_or(thread::work_reschedule, std::memory_order_relaxed);
}

} // namespace trap
