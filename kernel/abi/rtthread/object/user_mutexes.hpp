#pragma once
// pmutex of 5.0.x: mutexes known by the address of a musl pthread_mutex_t in the process's memory.

#include "abi/rtthread/object/object.hpp"
#include "lib/address.hpp"
#include "lib/spinlock.hpp"
#include "thread/timer.hpp"

#include <array>

namespace abi::rtthread {

class UserMutex;

class UserMutexes {
public:
    enum class Type : std::uint8_t { normal = 0, recursive = 1, error_check = 2 };

    UserMutexes() = default;
    UserMutexes(const UserMutexes&) = delete;
    ~UserMutexes();

    /// Made when it is not there. Errors: no_memory (also: too many whose addresses look alike).
    Result<Ref<UserMutex>> find_or_create(UserAddr address, Type type) EXCLUDES(lock_);
    /// Null: none.
    Ref<UserMutex> find(UserAddr address) EXCLUDES(lock_);
    /// False: there is none.
    bool remove(UserAddr address) EXCLUDES(lock_);

private:
    /// A place in a list, and how many are before it.
    struct Place {
        UserMutex** link;
        unsigned before;
    };
    /// Of the mutex at that address, or of its list's end.
    Place find_locked(UserAddr address) REQUIRES(lock_);

    // A program says how many there are: the lists, which are walked with interrupts off, are short.
    static constexpr unsigned list_bits = 7, longest_list = 128;
    Spinlock lock_;
    std::array<UserMutex*, 1u << list_bits> lists_ GUARDED_BY(lock_){}; // through next; each holds a reference
};

} // namespace abi::rtthread
