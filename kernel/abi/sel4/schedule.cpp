#include "abi/sel4/schedule.hpp"

#include "abi/sel4/object/isa_objects.hpp"
#include "abi/sel4/system.hpp"
#include "memory/address_space.hpp"
#include "thread/claim.hpp"
#include "thread/cpu.hpp"
#include "thread/scheduler.hpp"
#include "trap/trap.hpp"

#include <arch/fpu.hpp>
#include <bit>
#include <sel4_isa/root.hpp>

namespace abi::sel4 {

constinit CurrentCall current_call;

namespace {

// What the holder of the lock asks of CPUs that wait for it, a bit each.
constinit std::atomic<std::uint32_t> evicted_cpus{0};  // leave the current seL4 thread
constinit std::atomic<std::uint32_t> rootless_cpus{0}; // unload the user half
/// CPUs that wait for the lock in an interrupt handler: they can leave no thread.
constinit std::atomic<std::uint32_t> waiting_handlers{0};

/// The thread is taken from this CPU while it waits for the lock: somebody else has decided about it.
[[noreturn]] void leave_evicted(thread::Thread& self) {
    thread::resume(thread::choose_after_call(self, nullptr));
}

void answer_requests(thread::Cpu& cpu) {
    const std::uint32_t asked = cpu.ipi_requests.load(std::memory_order_relaxed);
    if (asked & thread::ipi_release_fpu) {
        cpu.ipi_requests.fetch_and(~std::uint32_t{thread::ipi_release_fpu});
        thread::release_fpu(cpu);
    }
    if (asked & thread::ipi_flush_translation) {
        cpu.ipi_requests.fetch_and(~std::uint32_t{thread::ipi_flush_translation});
        arch::handle_flush_ipi();
    }
    const std::uint32_t bit = std::uint32_t{1} << cpu.index;
    if (rootless_cpus.load(std::memory_order_acquire) & bit) {
        arch::activate_kernel_translation();
        cpu.foreign_root.store(0);
        rootless_cpus.fetch_and(~bit);
    }
}

thread::Cpu& cpu_of(const Tcb& tcb) {
    return thread::cpu(static_cast<unsigned>(std::countr_zero(tcb.thread.affinity)));
}

bool is_current_elsewhere(const Tcb& tcb) {
    thread::Cpu& cpu = cpu_of(tcb);
    return &cpu != &arch::current_cpu()
           && std::atomic_ref<thread::Thread*>(cpu.current).load(std::memory_order_acquire) == &tcb.thread;
}

/// Makes another CPU leave the thread that it was seen to run; it may be back already. Errors: preempted.
Outcome evict(Tcb& tcb, thread::Cpu& cpu) REQUIRES(lock) {
    using thread::State;
    const std::uint32_t bit = std::uint32_t{1} << cpu.index;
    tcb.thread.state.store(State::blocked);
    evicted_cpus.fetch_or(bit);
    tcb.thread.work.fetch_or(thread::work_reschedule);
    thread::send_ipi(cpu, thread::ipi_reschedule);
    Outcome outcome;
    while (is_current_elsewhere(tcb) && tcb.thread.state.load() == State::blocked) {
        if (waiting_handlers.load() & bit) { // it cannot leave before it had the lock
            State blocked = State::blocked;
            tcb.thread.state.compare_exchange_strong(blocked, State::running);
            outcome = preempted();
            break;
        }
        answer_requests(arch::current_cpu());
        arch::spin_hint();
    }
    evicted_cpus.fetch_and(~bit);
    return outcome;
}

} // namespace

[[gnu::noinline, gnu::cold]] void wait_for_lock(Tcb* caller, unsigned rewind) NO_THREAD_SAFETY_ANALYSIS {
    thread::Cpu& cpu = arch::current_cpu();
    const std::uint32_t bit = std::uint32_t{1} << cpu.index;
    if (!caller)
        waiting_handlers.fetch_or(bit);
    do {
        answer_requests(cpu);
        if (caller && (evicted_cpus.load(std::memory_order_acquire) & bit)) {
            caller->frame().program_counter -= rewind;
            evicted_cpus.fetch_and(~bit);
            leave_evicted(caller->thread);
        }
        arch::spin_hint();
    } while (!lock.try_acquire());
    waiting_handlers.fetch_and(~bit);
}

LockGuard::LockGuard() {
    if (!lock.try_acquire()) [[unlikely]]
        wait_for_lock(nullptr, 0);
    current_call = {};
}

LockGuard::~LockGuard() {
    lock.release();
}

void begin_call(Tcb& caller, unsigned rewind) {
    current_call = {.caller = &caller, .rewind = rewind};
}

void enter_call(Tcb& caller, unsigned rewind) {
    enter_fast(caller, rewind);
    begin_call(caller, rewind);
}

/// The next thread's last step before user mode.
void activate_thread(Tcb& tcb) {
    if (tcb.state == ThreadState::restart)
        tcb.state = ThreadState::running;
}

void leave_call(Tcb& caller) {
    Tcb* const preferred = current_call.preferred;
    const bool goes_on = caller.runnable() && caller.move_to < 0;
    if (goes_on && !preferred && !(caller.thread.work.load(std::memory_order_relaxed) & thread::work_reschedule)) {
        activate_thread(caller);
        return lock.release();
    }
    if (!goes_on)
        caller.thread.state.store(thread::State::blocked, std::memory_order_relaxed);
    thread::Thread& next = thread::choose_after_call(caller.thread, preferred ? &preferred->thread : nullptr);
    if (&next == &caller.thread) {
        activate_thread(caller);
        return lock.release();
    }
    if (caller.move_to >= 0) [[unlikely]] {
        bind_to_cpu(caller, static_cast<unsigned>(std::exchange(caller.move_to, std::int8_t{-1})));
        if (caller.runnable())
            thread::make_ready(caller.thread);
    }
    if (next.stackless)
        activate_thread(Tcb::of(next));
    lock.release();
    thread::resume(next);
}

void set_thread_state(Tcb& tcb, ThreadState state) {
    const bool was_runnable = tcb.runnable();
    tcb.state = state;
    if (!was_runnable || tcb.runnable())
        return;
    if (current_call.preferred == &tcb)
        current_call.preferred = nullptr;
    else if (&tcb != current_call.caller)
        thread::take_from_queue(tcb.thread);
}

void make_ready(Tcb& tcb) {
    if (&tcb != current_call.caller)
        thread::make_ready(tcb.thread);
}

void possible_switch_to(Tcb& tcb) {
    if (&tcb == current_call.caller || current_call.preferred == &tcb)
        return;
    if (!current_call.caller || &cpu_of(tcb) != &arch::current_cpu())
        return thread::make_ready(tcb.thread);
    if (!current_call.preferred) {
        current_call.preferred = &tcb;
        return;
    }
    thread::make_ready(std::exchange(current_call.preferred, nullptr)->thread);
    thread::make_ready(tcb.thread);
}

void reschedule_required() {
    if (Tcb* const preferred = std::exchange(current_call.preferred, nullptr))
        thread::make_ready(preferred->thread);
    if (current_call.caller)
        current_call.caller->thread.work.fetch_or(thread::work_reschedule, std::memory_order_relaxed);
}

void bind_to_cpu(Tcb& tcb, unsigned cpu) {
    thread::Cpu& target = thread::cpu(cpu);
    tcb.thread.affinity = std::uint32_t{1} << cpu;
    tcb.thread.cpu.store(&target, std::memory_order_relaxed);
    tcb.frame().kernel_stack = target.handler_stack;
}

void yield(Tcb& tcb) {
    tcb.thread.slice_left = 0; // choose_after_call() puts it behind its equals and gives it a new slice
    reschedule_required();
}

void set_priority(Tcb& tcb, std::uint8_t priority) {
    if (&tcb == current_call.caller) {
        tcb.thread.priority = priority;
        return reschedule_required();
    }
    if (current_call.preferred == &tcb) {
        current_call.preferred = nullptr;
        tcb.thread.priority = priority;
        return possible_switch_to(tcb);
    }
    const bool queued = thread::take_from_queue(tcb.thread);
    tcb.thread.priority = priority;
    if (queued)
        possible_switch_to(tcb);
}

void set_affinity(Tcb& tcb, unsigned cpu) {
    if (&tcb == current_call.caller) { // it moves when it is switched away from
        tcb.move_to = static_cast<std::int8_t>(cpu);
        return reschedule_required();
    }
    const bool queued = thread::take_from_queue(tcb.thread);
    if (current_call.preferred == &tcb)
        current_call.preferred = nullptr;
    bind_to_cpu(tcb, cpu);
    if (queued)
        thread::make_ready(tcb.thread);
}

OutcomeOf<bool> stall(Tcb& tcb) {
    thread::Cpu& cpu = cpu_of(tcb);
    if (&cpu == &arch::current_cpu()) [[likely]]
        return false;
    // That CPU takes the thread out of its queue and puts it back without our lock.
    for (bool was_there = false;; was_there = true) {
        const thread::Taken taken = thread::take_unless_running(tcb.thread);
        if (taken != thread::Taken::running)
            return was_there || taken == thread::Taken::from_queue;
        TRY(evict(tcb, cpu));
    }
}

void forget_root(System& system, std::uint64_t root) {
    if (root == 0)
        return;
    for (Tcb* tcb = system.threads; tcb; tcb = tcb->system_next)
        if (tcb->vspace_root.load(std::memory_order_relaxed) == root)
            tcb->vspace_root.store(0);
    for (unsigned i = 0; i < thread::cpu_count(); ++i) {
        thread::Cpu& cpu = thread::cpu(i);
        if (cpu.foreign_root.load() != root)
            continue;
        if (&cpu == &arch::current_cpu()) {
            arch::activate_kernel_translation();
            cpu.foreign_root.store(0);
            continue;
        }
        const std::uint32_t bit = std::uint32_t{1} << i;
        rootless_cpus.fetch_or(bit);
        thread::send_ipi(cpu, thread::ipi_reschedule);
        while (cpu.foreign_root.load() == root) {
            answer_requests(arch::current_cpu());
            arch::spin_hint();
        }
        rootless_cpus.fetch_and(~bit);
    }
}

void reload_root(Tcb& tcb) {
    const std::uint64_t root = tcb.vspace_root.load();
    thread::Cpu& cpu = arch::current_cpu();
    if (cpu.foreign_root.load(std::memory_order_relaxed) == root)
        return;
    cpu.foreign_root.store(root);
    if (root != 0)
        isa::load_root(root);
    else
        arch::activate_kernel_translation();
}

void activate(thread::Thread& thread) {
    Tcb& tcb = Tcb::of(thread);
    reload_root(tcb);
    // Whoever takes the root away zeroes vspace_root first and looks at foreign_root then.
    while (tcb.vspace_root.load() != arch::current_cpu().foreign_root.load(std::memory_order_relaxed)) [[unlikely]]
        reload_root(tcb);
}

void before_return(thread::Thread& thread) NO_THREAD_SAFETY_ANALYSIS {
    Tcb& tcb = Tcb::of(thread);
    enter_call(tcb, 0);
    tcb.thread.work.fetch_or(thread::work_reschedule, std::memory_order_relaxed);
    leave_call(tcb);
}

void release_fpu(Tcb& tcb) {
    if (!tcb.thread.fpu_cpu.load())
        return;
    static_cast<void>(thread::flush_fpu(tcb.thread));
    thread::Cpu& cpu = arch::current_cpu();
    if (cpu.fpu_owner == &tcb.thread)
        thread::release_fpu(cpu);
}

bool preemption_point(unsigned work) {
    constexpr unsigned most = 4096;
    current_call.work += work;
    return current_call.work > most && current_call.caller;
}

} // namespace abi::sel4
