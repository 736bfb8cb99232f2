#pragma once
// What is per core.

#include "lib/spinlock.hpp"
#include "thread/run_queue.hpp"
#include "thread/timer.hpp"

#include <arch/cpu.hpp>
#include <arch/page_table.hpp>
#include <array>
#include <atomic>
#include <cstdint>
#include <span>

namespace memory {
class AddressSpace;
}

namespace thread {

class Thread;

inline constexpr unsigned max_cpus = 8;

/// A set of CPUs, a bit per index.
struct CpuMask {
    std::uint32_t bits = 0;
    constexpr bool contains(unsigned cpu) const { return (bits >> cpu) & 1; }
    static constexpr CpuMask all() { return {(1u << max_cpus) - 1}; }
    static constexpr CpuMask one(unsigned cpu) { return {1u << cpu}; }
};

struct Cpu {
    arch::CpuLocal arch; // first: assembly reaches it at fixed offsets
    unsigned index = 0;
    std::uint64_t hardware_id = 0; // MPIDR affinity, hart id, APIC id
    std::atomic<bool> online{false};

    Thread* current = nullptr; // never null after boot; written by this CPU only, interrupts off
    Thread* idle = nullptr;
    Thread* previous = nullptr;  // between a switch and finish_switch(): the thread that was left
    Thread* fpu_owner = nullptr; // whose state is in the registers; null: nobody's. This CPU only, interrupts off
    memory::AddressSpace* address_space =
        nullptr; // whose user half is active; null: the kernel's own. memory/ keeps it
    /// What a stackless thread's personality has loaded as the user half; 0: nothing of its. Written by this CPU.
    std::atomic<std::uint64_t> foreign_root{0};
    std::uintptr_t handler_stack = 0; // top; where handlers of stackless threads run
    Thread* dead = nullptr;           // ended threads to be freed, through Thread::next_dead. This CPU only
    Time next_tick = never;           // when the next tick is due; never while idle
    Time alarm = never;               // where the hardware timer stands

    RunQueue run_queue;                         // has its own lock
    TimerQueue timers;                          // has its own lock
    std::atomic<std::uint32_t> ipi_requests{0}; // IpiRequest bits set by others, taken by trap::handle_ipi
    std::atomic<std::uint32_t> barriers{0};     // ipi_barrier requests answered

    Time user_time = 0; // ns, by the ticks of this CPU; the rest of the time since boot was idle
    Time system_time = 0;
};

enum IpiRequest : std::uint32_t {
    ipi_reschedule = 1u << 0,
    ipi_flush_translation = 1u << 1,
    ipi_release_fpu = 1u << 2, // save the FPU owner's state, so that it may run elsewhere
    ipi_stop = 1u << 3,        // panic elsewhere, or power off
    ipi_barrier = 1u << 5,     // the interrupt itself is what is wanted
};

/// Sets request bits for `target` and interrupts it (also when it is this CPU).
void send_ipi(Cpu& target, std::uint32_t requests);

/// Returns when every online CPU has passed through a full memory barrier that began after the call. Interrupts on, no
/// spin lock held.
void synchronise_cpus();

/// Makes a Cpu for each hardware id, the boot CPU's first. Boot CPU only, before anything else of thread/.
void initialise_cpus(std::span<const std::uint64_t> hardware_ids);

/// CPUs by index; only the first cpu_count() exist.
Cpu& cpu(unsigned index);
unsigned cpu_count();

} // namespace thread
