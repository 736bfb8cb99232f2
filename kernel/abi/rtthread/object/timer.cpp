#include "abi/rtthread/object/timer.hpp"

#include "abi/rtthread/errors.hpp"

namespace abi::rtthread {

namespace {

constinit std::atomic<unsigned> periodic_running{0};

} // namespace

bool TimerObject::take_place() {
    if (!has_place_ && periodic_running.fetch_add(1, std::memory_order_relaxed) >= max_periodic)
        periodic_running.fetch_sub(1, std::memory_order_relaxed);
    else
        has_place_ = true;
    return has_place_;
}

void TimerObject::give_place_back() {
    if (std::exchange(has_place_, false))
        periodic_running.fetch_sub(1, std::memory_order_relaxed);
}

void TimerObject::Alarm::fire(Timer& timer) {
    TimerObject& self = static_cast<Alarm&>(timer).owner;
    thread::Time next = 0;
    {
        SpinlockGuard guard(self.lock_);
        if (self.deadline_ == 0)
            return; // it is being stopped
        if (self.periodic_ && self.take_place())
            next = self.deadline_ + std::max<std::uint32_t>(self.ticks_, 1) * tick;
        else
            self.give_place_back();
        self.deadline_ = next;
    }
    static_cast<void>(self.semaphore_->release()); // one that is full or gone misses this end
    if (next != 0)
        timer.arm(next);
}

void TimerObject::start() {
    thread::MutexGuard one(setting_);
    {
        SpinlockGuard guard(lock_);
        deadline_ = 0;
    }
    alarm_.cancel();
    thread::Time deadline;
    {
        SpinlockGuard guard(lock_);
        deadline = deadline_ = deadline_in(std::max<std::uint32_t>(ticks_, 1));
    }
    alarm_.arm(deadline);
}

Result<> TimerObject::stop() {
    thread::MutexGuard one(setting_);
    bool ran;
    {
        SpinlockGuard guard(lock_);
        ran = std::exchange(deadline_, 0) != 0;
        give_place_back();
    }
    alarm_.cancel();
    return ran ? Result<>() : fail(plain_error);
}

std::uint32_t TimerObject::ticks() {
    SpinlockGuard guard(lock_);
    return ticks_;
}

void TimerObject::set_ticks(std::uint32_t ticks) {
    SpinlockGuard guard(lock_);
    ticks_ = ticks;
}

void TimerObject::set_periodic(bool periodic) {
    SpinlockGuard guard(lock_);
    periodic_ = periodic;
}

bool TimerObject::is_running() {
    SpinlockGuard guard(lock_);
    return deadline_ != 0;
}

std::uint32_t TimerObject::remaining() {
    SpinlockGuard guard(lock_);
    const thread::Time now = thread::now();
    return deadline_ > now ? static_cast<std::uint32_t>((deadline_ - now + tick - 1) / tick) : 0;
}

} // namespace abi::rtthread
