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

UserMutexes::~UserMutexes() NO_THREAD_SAFETY_ANALYSIS { // nobody else knows them any more
    for (UserMutex*& first : lists_)
        while (first)
            Ref<UserMutex>::adopt(std::exchange(first, first->next)).reset();
}

UserMutexes::Place UserMutexes::find_locked(UserAddr address) {
    const std::uint64_t hash = address.value * 0x9e37'79b9'7f4a'7c15;
    Place place{.link = &lists_[hash >> (64 - list_bits)], .before = 0};
    for (; *place.link && (*place.link)->address != address; ++place.before)
        place.link = &(*place.link)->next;
    return place;
}

Ref<UserMutex> UserMutexes::find(UserAddr address) {
    SpinlockGuard guard(lock_);
    return Ref<UserMutex>::share(*find_locked(address).link);
}

Result<Ref<UserMutex>> UserMutexes::find_or_create(UserAddr address, Type type) {
    if (Ref<UserMutex> found = find(address))
        return found;
    auto fresh = Ref<UserMutex>::adopt(new (std::nothrow) UserMutex(address, type));
    if (!fresh)
        return fail(Error::no_memory);
    SpinlockGuard guard(lock_);
    const Place place = find_locked(address);
    if (*place.link)
        return Ref<UserMutex>::share(*place.link);
    if (place.before == longest_list)
        return fail(Error::no_memory);
    fresh->add_reference();
    *place.link = fresh.get();
    return fresh;
}

bool UserMutexes::remove(UserAddr address) {
    Ref<UserMutex> gone;
    {
        SpinlockGuard guard(lock_);
        UserMutex** link = find_locked(address).link;
        if (*link) {
            gone = Ref<UserMutex>::adopt(*link);
            *link = std::exchange(gone->next, nullptr);
        }
    }
    if (gone)
        gone->close();
    return static_cast<bool>(gone);
}

} // namespace abi::rtthread
