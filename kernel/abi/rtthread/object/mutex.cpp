#include "abi/rtthread/object/mutex.hpp"

#include "abi/rtthread/errors.hpp"
#include "abi/rtthread/ticks.hpp"
#include "thread/scheduler.hpp"

namespace abi::rtthread {

constinit Spinlock mutexes_lock;

namespace {

/// Longest chain that priorities follow: a program's deadlock is a circle.
constexpr unsigned max_chain = 64;

} // namespace

Mutex::~Mutex() {
    SpinlockGuard guard(mutexes_lock);
    if (owner_)
        owner_->held->erase(owner_->held->iterator_to(*this));
}

void Mutex::own(ThreadState& state) {
    owner_ = &state;
    depth_ = 1;
    state.held->push_front(*this);
}

void Mutex::insert(MutexWaiter& waiter) {
    auto at = waiters_.begin();
    while (at != waiters_.end() && at->state.thread.priority >= waiter.state.thread.priority)
        ++at;
    waiters_.insert(at, waiter);
}

/// Sets the priority of `state` to what its own and the mutexes that it holds ask for, then that of the thread it waits
/// for, and so on.
void Mutex::update_priority(ThreadState* state) {
    for (unsigned links = 0; state && links < max_chain; ++links) {
        thread::Priority wanted = to_scheduler(state->base_priority);
        for (Mutex& mutex : *state->held) {
            mutexes_lock.assert_held();
            if (!mutex.waiters_.empty())
                wanted = std::max(wanted, mutex.waiters_.front().state.thread.priority);
        }
        if (state->thread.priority == wanted)
            return;
        thread::set_priority(state->thread, wanted);
        Mutex* next = state->waiting_for;
        if (!next)
            return;
        next->waiters_.erase(next->waiters_.iterator_to(*state->waiter));
        next->insert(*state->waiter);
        state = next->owner_;
    }
}

Result<> Mutex::take(thread::Thread& thread, std::int32_t timeout) {
    ThreadState& self = state_of(thread);
    SpinlockGuard guard(mutexes_lock);
    if (!owner_ && !closed_) [[likely]] {
        own(self);
        return {};
    }
    return wait(self, timeout == 0 ? 0 : deadline_of(timeout));
}

Result<> Mutex::take_until(thread::Thread& thread, thread::Time deadline) {
    SpinlockGuard guard(mutexes_lock);
    if (!owner_ && !closed_) {
        own(state_of(thread));
        return {};
    }
    return wait(state_of(thread), deadline);
}

Result<> Mutex::wait(ThreadState& self, thread::Time deadline) {
    if (closed_)
        return fail(plain_error);
    if (owner_ == &self) {
        if (depth_ == max_depth)
            return fail(full);
        ++depth_;
        return {};
    }
    if (deadline == 0)
        return fail(Error::timed_out);
    MutexWaiter waiter(self);
    insert(waiter);
    self.waiting_for = this;
    self.waiter = &waiter;
    update_priority(owner_);
    Result<> waited;
    while (waiter.outcome == MutexWaiter::Outcome::waiting && waited)
        waited = waiter.queue.wait(mutexes_lock, deadline);
    self.waiting_for = nullptr;
    self.waiter = nullptr;
    if (waiter.outcome == MutexWaiter::Outcome::owner)
        return {};
    if (waiter.outcome == MutexWaiter::Outcome::closed)
        return fail(plain_error);
    waiters_.erase(waiters_.iterator_to(waiter));
    update_priority(owner_);
    return fail(waited.error() == Error::restart ? Error::interrupted : waited.error());
}

void Mutex::hand_over() {
    ThreadState& former = *owner_;
    former.held->erase(former.held->iterator_to(*this));
    owner_ = nullptr;
    depth_ = 0;
    if (!waiters_.empty()) {
        MutexWaiter& next = waiters_.front();
        waiters_.pop_front();
        next.state.waiting_for = nullptr;
        next.outcome = MutexWaiter::Outcome::owner;
        own(next.state);
        update_priority(&next.state);
        next.queue.wake_one();
    }
    if (former.thread.priority != to_scheduler(former.base_priority)) [[unlikely]]
        update_priority(&former);
}

Result<> Mutex::release(thread::Thread& thread) {
    SpinlockGuard guard(mutexes_lock);
    if (owner_ != &state_of(thread))
        return fail(plain_error);
    if (--depth_ == 0)
        hand_over();
    return {};
}

bool Mutex::is_owner(thread::Thread& thread) {
    SpinlockGuard guard(mutexes_lock);
    return owner_ == &state_of(thread);
}

void Mutex::close() {
    SpinlockGuard guard(mutexes_lock);
    closed_ = true;
    while (!waiters_.empty()) {
        MutexWaiter& waiter = waiters_.front();
        waiters_.pop_front();
        waiter.state.waiting_for = nullptr;
        waiter.outcome = MutexWaiter::Outcome::closed;
        waiter.queue.wake_one();
    }
    if (ThreadState* owner = std::exchange(owner_, nullptr)) {
        owner->held->erase(owner->held->iterator_to(*this));
        update_priority(owner);
    }
}

void release_all_mutexes(ThreadState& state) {
    if (!state.held)
        return;
    SpinlockGuard guard(mutexes_lock);
    while (!state.held->empty())
        state.held->front().hand_over();
}

void change_base_priority(ThreadState& state, Priority priority) {
    SpinlockGuard guard(mutexes_lock);
    state.base_priority = priority;
    Mutex::update_priority(&state);
}

} // namespace abi::rtthread
