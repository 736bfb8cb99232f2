// Who has the FPU. The registers stay with their last user until somebody else needs them: a switch only makes them
// unreachable.

#include "memory/pool.hpp"
#include "thread/cpu.hpp"
#include "thread/scheduler.hpp"

#include <arch/fpu.hpp>
#include <arch/page_table.hpp>
#include <cstring>

namespace thread {
namespace {

void* allocate_state() {
    return memory::allocate(arch::fpu_state_size(), arch::fpu_state_alignment);
}

/// Waits until no other CPU has the thread's state in its registers. Answers meanwhile what others may be waiting for
/// with their interrupts off, the same request and flushes, so that two CPUs that ask each other both go on.
/// Interrupts off.
void fetch_from_other_cpu(Thread& thread) {
    while (Cpu* holder = thread.fpu_cpu.load(std::memory_order_acquire)) {
        Cpu& self = arch::current_cpu();
        if (holder == &self)
            return;
        send_ipi(*holder, ipi_release_fpu);
        while (thread.fpu_cpu.load(std::memory_order_acquire) == holder) {
            if (self.ipi_requests.load(std::memory_order_relaxed) & ipi_release_fpu) {
                self.ipi_requests.fetch_and(~std::uint32_t{ipi_release_fpu});
                release_fpu(self);
            }
            if (self.ipi_requests.load(std::memory_order_relaxed) & ipi_flush_translation)
                arch::handle_flush_ipi(); // the request stays: the interrupt, when it comes, finds it done
            arch::spin_hint();
        }
    }
}

} // namespace

void release_fpu(Cpu& cpu) {
    Thread* const owner = std::exchange(cpu.fpu_owner, nullptr);
    if (!owner)
        return;
    arch::enable_fpu();
    arch::save_fpu(owner->fpu_state);
    arch::disable_fpu();
    owner->fpu_cpu.store(nullptr, std::memory_order_release);
}

Result<> acquire_fpu(Thread& thread) {
    Cpu& cpu = arch::current_cpu();
    if (cpu.fpu_owner == &thread) {
        arch::enable_fpu();
        return {};
    }
    fetch_from_other_cpu(thread);
    if (!thread.fpu_state) {
        thread.fpu_state = allocate_state();
        if (!thread.fpu_state)
            return fail(Error::no_memory);
        arch::initialise_fpu_state(thread.fpu_state);
    }
    release_fpu(cpu);
    arch::enable_fpu();
    arch::load_fpu(thread.fpu_state);
    cpu.fpu_owner = &thread;
    thread.fpu_cpu.store(&cpu, std::memory_order_release);
    return {};
}

Result<> flush_fpu(Thread& thread) {
    InterruptGuard no_interrupts;
    fetch_from_other_cpu(thread);
    Cpu& cpu = arch::current_cpu();
    if (cpu.fpu_owner == &thread)
        release_fpu(cpu);
    if (thread.fpu_state)
        return {};
    thread.fpu_state = allocate_state();
    if (!thread.fpu_state)
        return fail(Error::no_memory);
    arch::initialise_fpu_state(thread.fpu_state);
    return {};
}

Result<> copy_fpu(Thread& to, Thread& from) {
    if (!from.fpu_state)
        return {}; // never used: the copy starts from the initial state too
    TRY(flush_fpu(from));
    TRY(flush_fpu(to));
    std::memcpy(to.fpu_state, from.fpu_state, arch::fpu_state_size());
    return {};
}

void forget_fpu(Thread& thread) {
    InterruptGuard no_interrupts;
    fetch_from_other_cpu(thread);
    Cpu& cpu = arch::current_cpu();
    if (cpu.fpu_owner == &thread) {
        cpu.fpu_owner = nullptr;
        arch::disable_fpu();
    }
    thread.fpu_cpu.store(nullptr, std::memory_order_release);
}

void discard_fpu(Thread& thread) {
    forget_fpu(thread);
    if (thread.fpu_state)
        memory::release(std::exchange(thread.fpu_state, nullptr), arch::fpu_state_size());
}

} // namespace thread
