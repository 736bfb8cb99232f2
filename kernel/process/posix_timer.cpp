#include "process/posix_timer.hpp"

#include "process/process.hpp"
#include "process/send.hpp"
#include "process/table.hpp"

#include <limits>
#include <new>

namespace process {
namespace {

/// The signal has not been taken yet, so another one of the same timer would be lost among standard signals.
bool is_still_pending(Process& process, Signal signal) {
    SpinlockGuard guard(process.lock);
    return process.pending.set().contains(signal);
}

} // namespace

PosixTimer::Setting PosixTimer::get_locked() {
    if (deadline_ == 0)
        return {};
    const thread::Time now = thread::now();
    return {.left = deadline_ > now ? deadline_ - now : 1, .interval = interval_};
}

PosixTimer::Setting PosixTimer::get() {
    SpinlockGuard guard(lock_);
    return get_locked();
}

std::int32_t PosixTimer::overruns() {
    SpinlockGuard guard(lock_);
    return overruns_;
}

PosixTimer::Setting PosixTimer::set(thread::Time deadline, thread::Time interval) {
    thread::MutexGuard one(setting_);
    alarm_.cancel(); // not under the lock, which its function takes
    SpinlockGuard guard(lock_);
    const Setting former = get_locked();
    deadline_ = deadline;
    interval_ = interval;
    overruns_ = 0;
    if (deadline_ != 0)
        alarm_.arm(deadline_);
    return former;
}

void PosixTimer::stop() {
    {
        SpinlockGuard guard(lock_);
        deadline_ = 0;
    }
    alarm_.cancel();
}

void PosixTimer::notify(std::int32_t missed) {
    const bool merged = notice_.thread == 0 && is_still_pending(process_, notice_.signal);
    {
        SpinlockGuard guard(lock_);
        const std::int32_t before = merged ? overruns_ + 1 : 0;
        const bool overflows = before > std::numeric_limits<std::int32_t>::max() - missed - 1;
        overruns_ = overflows ? std::numeric_limits<std::int32_t>::max() - 1 : before + missed;
    }
    if (merged)
        return;
    const SignalInfo info{
        .signal = notice_.signal,
        .source = SignalSource::timer,
        .code = missed,
        .status = number_,
        .value = notice_.value,
    };
    if (notice_.thread == 0)
        send(process_, info);
    else if (const Ref<thread::Thread> target = find_thread(notice_.thread))
        send(*target, info);
}

void PosixTimer::Alarm::fire(Timer& timer) {
    PosixTimer& owner = static_cast<Alarm&>(timer).owner;
    thread::Time missed = 0;
    {
        SpinlockGuard guard(owner.lock_);
        if (owner.deadline_ == 0)
            return;
        if (owner.interval_ == 0) {
            owner.deadline_ = 0;
        } else {
            const thread::Time now = thread::now();
            missed = now > owner.deadline_ ? (now - owner.deadline_) / owner.interval_ : 0;
            owner.deadline_ += owner.interval_ * (missed + 1);
            timer.arm(owner.deadline_);
        }
    }
    constexpr thread::Time most = std::numeric_limits<std::int32_t>::max() - 1;
    if (owner.notice_.signal != Signal::none)
        owner.notify(static_cast<std::int32_t>(missed < most ? missed : most));
}

Result<Ref<PosixTimer>> PosixTimers::create(Process& process, const PosixTimer::Notice& notice) {
    std::int32_t number;
    {
        SpinlockGuard guard(lock_);
        if (timers_.size() >= max_timers)
            return fail(Error::try_again);
        number = next_;
        next_ = next_ == std::numeric_limits<std::int32_t>::max() ? 0 : next_ + 1;
    }
    auto* timer = new (std::nothrow) PosixTimer(process, number, notice);
    if (!timer)
        return fail(Error::no_memory);
    SpinlockGuard guard(lock_);
    timers_.push_back(*timer);
    return Ref<PosixTimer>::share(timer);
}

Ref<PosixTimer> PosixTimers::find(std::int32_t number) {
    SpinlockGuard guard(lock_);
    for (PosixTimer& timer : timers_)
        if (timer.number() == number)
            return Ref<PosixTimer>::share(&timer);
    return {};
}

bool PosixTimers::remove(std::int32_t number) {
    Ref<PosixTimer> removed;
    {
        SpinlockGuard guard(lock_);
        for (PosixTimer& timer : timers_)
            if (timer.number() == number) {
                timers_.erase(timers_.iterator_to(timer));
                removed = Ref<PosixTimer>::adopt(&timer);
                break;
            }
    }
    if (removed)
        removed->stop();
    return static_cast<bool>(removed);
}

void PosixTimers::clear() {
    for (;;) {
        Ref<PosixTimer> removed;
        {
            SpinlockGuard guard(lock_);
            if (timers_.empty())
                return;
            removed = Ref<PosixTimer>::adopt(&timers_.front());
            timers_.pop_front();
        }
        removed->stop();
    }
}

} // namespace process
