#include "abi/rtthread/object/semaphore.hpp"

#include "abi/rtthread/errors.hpp"
#include "abi/rtthread/ticks.hpp"

namespace abi::rtthread {

Result<> Semaphore::take(std::int32_t timeout) {
    SpinlockGuard guard(lock_);
    if (value_ > 0) [[likely]] {
        --value_;
        return {};
    }
    if (closed_)
        return fail(plain_error);
    if (timeout == 0)
        return fail(Error::timed_out);
    Waiter self;
    return waiters_.wait(self, order_, lock_, deadline_of(timeout));
}

Result<> Semaphore::release() {
    SpinlockGuard guard(lock_);
    if (Waiter* waiter = waiters_.first()) {
        waiters_.serve(*waiter);
        return {};
    }
    if (value_ == max_value)
        return fail(full);
    if (closed_)
        return fail(plain_error);
    ++value_;
    return {};
}

void Semaphore::close() {
    SpinlockGuard guard(lock_);
    closed_ = true;
    value_ = 0;
    waiters_.close();
}

} // namespace abi::rtthread
