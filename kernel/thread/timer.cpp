#include "thread/timer.hpp"

#include "thread/cpu.hpp"

#include <arch/clock.hpp>

namespace thread {
namespace {

/// The counter when the clock started, and its rate as a 32.32 fixed-point number of ns per count.
constinit std::uint64_t counter_start = 0;
constinit std::uint64_t ns_per_count = 0;
constinit std::uint64_t counts_per_ns = 0;

} // namespace

void start_clock() {
    constexpr std::uint64_t second = 1'000'000'000; // ns; shifted by 32 it still fits, so no 128-bit division is needed
    const std::uint64_t frequency = arch::counter_frequency();
    ns_per_count = (second << 32) / frequency;
    counts_per_ns = (frequency / second << 32) + (frequency % second << 32) / second;
    counter_start = arch::counter();
}

Time now() {
    return static_cast<Time>((static_cast<unsigned __int128>(arch::counter() - counter_start) * ns_per_count) >> 32);
}

void set_alarm(Cpu& cpu, Time deadline) {
    cpu.alarm = deadline;
    if (deadline == never)
        return arch::stop_alarm();
    // Rounded up, so that the clock has reached the deadline when the interrupt comes.
    const auto counts = static_cast<std::uint64_t>((static_cast<unsigned __int128>(deadline) * counts_per_ns) >> 32);
    arch::set_alarm(counter_start + counts + 1);
}

void bring_alarm_forward(Cpu& cpu, Time deadline) {
    if (deadline < cpu.alarm)
        set_alarm(cpu, deadline);
}

void Timer::arm(Time deadline) {
    cancel();
    InterruptGuard no_interrupts;
    arch::current_cpu().timers.insert(*this, deadline);
}

void TimerQueue::insert(Timer& timer, Time deadline) {
    lock_.acquire();
    timer.deadline_ = deadline;
    timer.queue_.store(this, std::memory_order_relaxed);
    const auto position = timers_.insert(timer);
    const bool first = position == timers_.begin();
    lock_.release();
    if (first)
        bring_alarm_forward(arch::current_cpu(), deadline);
}

bool Timer::cancel() {
    bool was_armed = false;
    while (TimerQueue* const queue = queue_.load(std::memory_order_acquire)) {
        SpinlockGuard guard(queue->lock_);
        if (queue_.load(std::memory_order_relaxed) != queue)
            continue;
        if (hook_.is_linked()) {
            queue->timers_.erase(queue->timers_.iterator_to(*this));
            was_armed = true;
        }
        if (queue->running_ != this) {
            queue_.store(nullptr, std::memory_order_release);
            break;
        }
        // Its function is running: on this CPU it called us, elsewhere it ends soon and run() clears queue_.
        if (&arch::current_cpu().timers == queue)
            break;
    }
    return was_armed;
}

Time TimerQueue::run() {
    constexpr unsigned most_at_once = 16; // interrupts are off meanwhile
    const Time due = now();               // what falls due meanwhile has to wait: a timer may have any interval
    SpinlockGuard guard(lock_);
    for (unsigned fired = 0; fired < most_at_once && !timers_.empty() && timers_.begin()->deadline_ <= due; ++fired) {
        Timer& timer = *timers_.begin();
        timers_.erase(timers_.begin());
        running_ = &timer;
        lock_.release();
        timer.function_(timer);
        lock_.acquire();
        running_ = nullptr;
        if (!timer.hook_.is_linked()) // its function did not arm it again
            timer.queue_.store(nullptr, std::memory_order_release);
    }
    return timers_.empty() ? never : timers_.begin()->deadline_;
}

} // namespace thread
