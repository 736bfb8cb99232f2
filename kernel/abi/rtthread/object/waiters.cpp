#include "abi/rtthread/object/waiters.hpp"

#include "abi/rtthread/errors.hpp"

namespace abi::rtthread {

void Waiters::insert(Waiter& waiter, WaitOrder order) {
    auto at = waiters_.end();
    if (order == WaitOrder::priority)
        for (at = waiters_.begin(); at != waiters_.end() && at->priority >= waiter.priority;)
            ++at;
    waiters_.insert(at, waiter);
}

void Waiters::finish(Waiter& waiter, Waiter::Outcome outcome) {
    waiters_.erase(waiters_.iterator_to(waiter));
    waiter.outcome = outcome;
    waiter.queue.wake_one(); // the waiter cannot leave before it has the object's lock
}

Result<> Waiters::wait(Waiter& self, WaitOrder order, Spinlock& lock, thread::Time deadline) {
    insert(self, order);
    while (self.outcome == Waiter::Outcome::waiting) {
        const auto waited = self.queue.wait(lock, deadline);
        if (self.outcome != Waiter::Outcome::waiting || waited)
            continue;
        waiters_.erase(waiters_.iterator_to(self));
        return fail(waited.error() == Error::restart ? Error::interrupted : waited.error());
    }
    return self.outcome == Waiter::Outcome::served ? Result<>() : fail(plain_error);
}

} // namespace abi::rtthread
