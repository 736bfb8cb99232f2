// Which tables this CPU uses, and agreement between CPUs that an old translation is gone.
//
// The protocol: each CPU has counters of invalidations asked of it and of those it has done. Who wants one raises the
// request counter of every target, interrupts them, and waits until each has done at least its ticket. A target reads
// the request counter, invalidates, and then publishes the number that it read, so one invalidation answers all who
// asked before it. A waiting CPU answers its own requests while it waits: two CPUs that wait for each other both go on,
// even with interrupts off.

#include "arch/x86_64/descriptors.hpp"
#include "arch/x86_64/msr.hpp"
#include "thread/cpu.hpp"

#include <arch/boot.hpp>
#include <arch/page_table.hpp>
#include <atomic>

namespace arch {
namespace {

std::atomic_ref<std::uint64_t> counter_of(std::uint64_t& word) {
    return std::atomic_ref<std::uint64_t>(word);
}

void invalidate_page(std::uintptr_t va) {
    asm volatile("invlpg (%0)" ::"r"(va) : "memory");
}

void invalidate_user() {
    write_cr3(read_cr3()); // everything but global entries
}

void invalidate_all() {
    const std::uint64_t value = read_cr4();
    if ((value & cr4::page_global) == 0)
        return invalidate_user(); // isolated: no entry is kept as global
    write_cr4(value & ~cr4::page_global);
    write_cr4(value);
}

bool must_ask(unsigned index, const thread::CpuMask& cpus, const thread::Cpu& self) {
    const thread::Cpu& target = thread::cpu(index);
    return cpus.contains(index) && &target != &self && target.online.load(std::memory_order_acquire);
}

/// Returns when every other CPU of the set has invalidated since the call began. The caller stays on its CPU.
void invalidate_on_others(const thread::CpuMask& cpus, bool global_too) {
    const thread::Cpu& self = current_cpu();
    std::array<std::uint64_t, thread::max_cpus> tickets{};
    for (unsigned i = 0; i < thread::cpu_count(); ++i) {
        if (!must_ask(i, cpus, self))
            continue;
        thread::Cpu& target = thread::cpu(i);
        if (global_too)
            counter_of(target.arch.flush_global_requested).fetch_add(1, std::memory_order_relaxed);
        tickets[i] = counter_of(target.arch.flush_requested).fetch_add(1, std::memory_order_acq_rel) + 1;
        thread::send_ipi(target, thread::ipi_flush_translation);
    }
    for (unsigned i = 0; i < thread::cpu_count(); ++i)
        while (tickets[i] != 0
               && counter_of(thread::cpu(i).arch.flush_done).load(std::memory_order_acquire) < tickets[i]) {
            handle_flush_ipi();
            spin_hint();
        }
}

} // namespace

void handle_flush_ipi() {
    const InterruptState interrupts = save_and_disable_interrupts();
    CpuLocal& local = current_cpu().arch;
    const std::uint64_t requested = counter_of(local.flush_requested).load(std::memory_order_acquire);
    if (requested != counter_of(local.flush_done).load(std::memory_order_relaxed)) {
        if (counter_of(local.flush_global_requested).exchange(0, std::memory_order_acq_rel) != 0)
            invalidate_all();
        else
            invalidate_user();
        counter_of(local.flush_done).store(requested, std::memory_order_release);
    }
    restore_interrupts(interrupts);
}

void flush_user_page(const Translation&, std::uintptr_t va, const thread::CpuMask& cpus) {
    invalidate_page(va);
    invalidate_on_others(cpus, false);
}

void flush_user_all(const Translation&, const thread::CpuMask& cpus) {
    invalidate_user();
    invalidate_on_others(cpus, false);
}

void flush_kernel_range(std::uintptr_t va, std::size_t bytes) {
    for (std::uintptr_t page = va; page < va + bytes; page += page_size)
        invalidate_page(page);
    invalidate_on_others(thread::CpuMask::all(), true);
}

void activate_translation(const Translation& translation) {
    CpuLocal& local = current_cpu().arch;
    write_cr3(translation.root.value);
    if (local.isolated_entry == translation.isolated) [[likely]]
        return;
    set_system_call_entry(local, translation.isolated);
    // Global entries would show kernel pages in user mode whatever the root says.
    const std::uint64_t value = read_cr4();
    write_cr4(translation.isolated ? value & ~cr4::page_global : value | cr4::page_global);
}

void activate_kernel_translation() {
    write_cr3(kernel_root().value);
}

} // namespace arch
