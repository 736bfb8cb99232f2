#include "abi/rtthread/object/user_mutex.hpp"

#include "abi/rtthread/errors.hpp"

#include <new>

namespace abi::rtthread {

Result<> UserMutex::take(thread::Thread& self, thread::Time deadline) {
    if (mutex_.is_owner(self) && type != UserMutexes::Type::recursive) {
        if (type == UserMutexes::Type::error_check)
            return fail(Error::deadlock);
        if (deadline == 0)
            return fail(Error::timed_out);
        return thread::sleep_until(deadline).has_value() ? Result<>(fail(Error::timed_out))
                                                         : fail(Error::interrupted); // it deadlocks, as it asked for
    }
    const auto taken = mutex_.take_until(self, deadline);
    if (!taken && taken.error() == full)
        return fail(Error::try_again);
    return taken;
}

Result<> UserMutex::release(thread::Thread& self) {
    return mutex_.release(self);
}

UserMutexes::~UserMutexes() {
    SpinlockGuard guard(lock_);
    while (first_)
        Ref<UserMutex>::adopt(std::exchange(first_, first_->next)).reset();
}

UserMutex* UserMutexes::find_locked(UserAddr address) {
    for (UserMutex* mutex = first_; mutex; mutex = mutex->next)
        if (mutex->address == address)
            return mutex;
    return nullptr;
}

Ref<UserMutex> UserMutexes::find(UserAddr address) {
    SpinlockGuard guard(lock_);
    return Ref<UserMutex>::share(find_locked(address));
}

Result<Ref<UserMutex>> UserMutexes::find_or_create(UserAddr address, Type type) {
    if (Ref<UserMutex> found = find(address))
        return found;
    auto fresh = Ref<UserMutex>::adopt(new (std::nothrow) UserMutex(address, type));
    if (!fresh)
        return fail(Error::no_memory);
    SpinlockGuard guard(lock_);
    if (UserMutex* other = find_locked(address))
        fresh = Ref<UserMutex>::share(other);
    else {
        fresh->next = first_;
        fresh->add_reference();
        first_ = fresh.get();
    }
    return fresh;
}

bool UserMutexes::remove(UserAddr address) {
    Ref<UserMutex> gone;
    {
        SpinlockGuard guard(lock_);
        for (UserMutex** link = &first_; *link; link = &(*link)->next)
            if ((*link)->address == address) {
                gone = Ref<UserMutex>::adopt(*link);
                *link = gone->next;
                break;
            }
    }
    if (gone)
        gone->close();
    return static_cast<bool>(gone);
}

} // namespace abi::rtthread
