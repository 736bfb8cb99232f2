#include "abi/rtthread/object/event.hpp"

#include "abi/rtthread/errors.hpp"
#include "abi/rtthread/ticks.hpp"

namespace abi::rtthread {

Result<> Event::send(std::uint32_t set) {
    SpinlockGuard guard(lock_);
    if (set == 0 || closed_)
        return fail(plain_error);
    set_ |= set;
    std::uint32_t taken = 0; // cleared when all have looked: one sending may serve several
    waiters_.for_each([&](Waiter& waiter) NO_THREAD_SAFETY_ANALYSIS {
        const auto wanted = static_cast<std::uint32_t>(waiter.word);
        if (!meets(set_, wanted, waiter.option))
            return;
        waiter.word = set_ & wanted;
        if (waiter.option & clear)
            taken |= set_ & wanted;
        waiters_.serve(waiter);
    });
    set_ &= ~taken;
    return {};
}

Result<std::uint32_t> Event::receive(std::uint32_t wanted, std::uint8_t option, std::int32_t timeout) {
    SpinlockGuard guard(lock_);
    if (wanted == 0 || !(option & (all | any)) || closed_)
        return fail(plain_error);
    if (meets(set_, wanted, option)) {
        const std::uint32_t found = set_ & wanted;
        if (option & clear)
            set_ &= ~found;
        return found;
    }
    if (timeout == 0)
        return fail(Error::timed_out);
    Waiter self;
    self.word = wanted;
    self.option = option;
    TRY(waiters_.wait(self, order_, lock_, deadline_of(timeout)));
    return static_cast<std::uint32_t>(self.word);
}

void Event::close() {
    SpinlockGuard guard(lock_);
    closed_ = true;
    waiters_.close();
}

} // namespace abi::rtthread
