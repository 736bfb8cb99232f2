#pragma once
// One-shot timers in nanoseconds of the monotonic clock, per CPU, ordered by deadline.

#include "lib/spinlock.hpp"

#include <atomic>
#include <boost/intrusive/set.hpp>
#include <cstdint>

namespace thread {

/// Nanoseconds since boot.
using Time = std::uint64_t;
inline constexpr Time never = ~Time{0};

/// The monotonic clock.
Time now();

struct Cpu;
class TimerQueue;

/// Starts the monotonic clock at 0. Boot CPU, once, after the counter's frequency is known.
void start_clock();
/// Sets this CPU's alarm, wherever it stood; never stops it. Interrupts off.
void set_alarm(Cpu& cpu, Time deadline);
/// Sets this CPU's alarm when it stands later. Interrupts off.
void bring_alarm_forward(Cpu& cpu, Time deadline);

/// Calls `function` once at `deadline`, on the CPU that armed it, with interrupts off. The owner keeps the object alive
/// until it fired or was cancelled.
class Timer {
public:
    using Function = void (*)(Timer&);
    explicit Timer(Function function) : function_(function) {}
    Timer(const Timer&) = delete;
    ~Timer() { cancel(); }

    /// (Re)arms for `deadline`; a deadline in the past fires at the next opportunity, not from within this call.
    void arm(Time deadline);
    /// After it returns the function is not running (but where it called this itself) and will not run. False: it was
    /// not armed (fired, or never armed). Must not be called with a lock held that the function takes; nor may arm(),
    /// unless no other arm() can have come after a cancel().
    bool cancel();
    bool armed() const { return queue_.load(std::memory_order_acquire) != nullptr; }
    Time deadline() const { return deadline_; }

private:
    friend class TimerQueue;
    Function function_;
    Time deadline_ = never;
    std::atomic<TimerQueue*> queue_{
        nullptr}; // set while armed and while the function runs; written under the queue's lock
    boost::intrusive::set_member_hook<> hook_;

public:
    struct ByDeadline {
        bool operator()(const Timer& a, const Timer& b) const { return a.deadline_ < b.deadline_; }
    };
    using Hook = boost::intrusive::member_hook<Timer, boost::intrusive::set_member_hook<>, &Timer::hook_>;
};

class TimerQueue {
public:
    /// Fires what is due; returns the next deadline, or never. On the owning CPU, interrupts off.
    Time run();

private:
    friend class Timer;
    /// On the owning CPU, interrupts off.
    void insert(Timer& timer, Time deadline);

    Spinlock lock_;
    Timer* running_ GUARDED_BY(lock_) = nullptr; // whose function runs now; it may have armed itself again
    boost::intrusive::multiset<Timer, Timer::Hook, boost::intrusive::compare<Timer::ByDeadline>> timers_
        GUARDED_BY(lock_);
};

} // namespace thread
