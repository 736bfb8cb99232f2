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
    if (waiters_.empty()) [[likely]]
        state.held->push_back(*this);
    else
        state.held->push_front(*this);
}

void Mutex::insert(MutexWaiter& waiter) {
    if (waiters_.empty() && owner_)
        owner_->held->splice(owner_->held->begin(), *owner_->held, owner_->held->iterator_to(*this));
    auto at = waiters_.begin();
    while (at != waiters_.end() && at->state.thread.priority >= waiter.state.thread.priority)
        ++at;
    waiters_.insert(at, waiter);
}

void Mutex::remove(MutexWaiter& waiter) {
    waiters_.erase(waiters_.iterator_to(waiter));
    if (waiters_.empty() && owner_)
        owner_->held->splice(owner_->held->end(), *owner_->held, owner_->held->iterator_to(*this));
}

/// Sets the priority of `state` to what its own and the mutexes that it holds ask for, then that of the thread it waits
/// for, and so on.
void Mutex::update_priority(ThreadState* state) {
    for (unsigned links = 0; state && links < max_chain; ++links) {
        thread::Priority wanted = to_scheduler(state->base_priority);
        for (Mutex& mutex : *state->held) {
            mutexes_lock.assert_held();
            if (mutex.waiters_.empty())
                break; // nor has any behind it
            wanted = std::max(wanted, mutex.waiters_.front().state.thread.priority);
        }
        if (state->thread.priority == wanted)
            return;
        thread::set_priority(state->thread, wanted);
        Mutex* next = state->waiting_for;
        if (!next)
            return;
        next->remove(*state->waiter);
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
    remove(waiter);
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
    for (;;) { // one at a time: a program decides how many there are, and interrupts are off under the lock
        SpinlockGuard guard(mutexes_lock);
        if (state.held->empty())
            return;
        state.held->front().hand_over();
    }
}

void change_base_priority(ThreadState& state, Priority priority) {
    SpinlockGuard guard(mutexes_lock);
    state.base_priority = priority;
    Mutex::update_priority(&state);
}

} // namespace abi::rtthread
