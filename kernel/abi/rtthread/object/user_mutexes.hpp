#pragma once
// pmutex of 5.0.x: mutexes known by the address of a musl pthread_mutex_t in the process's memory.

#include "abi/rtthread/object/object.hpp"
#include "lib/address.hpp"
#include "lib/spinlock.hpp"
#include "thread/timer.hpp"

namespace thread {
class Thread;
}

namespace abi::rtthread {

class UserMutex;

class UserMutexes {
public:
    enum class Type : std::uint8_t { normal = 0, recursive = 1, error_check = 2 };

    UserMutexes() = default;
    UserMutexes(const UserMutexes&) = delete;
    ~UserMutexes();

    /// Made when it is not there. Errors: no_memory.
    Result<Ref<UserMutex>> find_or_create(UserAddr address, Type type) EXCLUDES(lock_);
    /// Null: none.
    Ref<UserMutex> find(UserAddr address) EXCLUDES(lock_);
    /// False: there is none.
    bool remove(UserAddr address) EXCLUDES(lock_);

private:
    UserMutex* find_locked(UserAddr address) REQUIRES(lock_);

    Spinlock lock_;
    UserMutex* first_ GUARDED_BY(lock_) = nullptr; // through UserMutex::next; each holds a reference
};

} // namespace abi::rtthread
