#pragma once
// One mutex of UserMutexes.

#include "abi/rtthread/object/mutex.hpp"
#include "abi/rtthread/object/semaphore.hpp"

namespace abi::rtthread {

class UserMutex final : public RefCounted<UserMutex> {
public:
    UserMutex(UserAddr at, UserMutexes::Type of) : address(at), type(of) {}

    /// `deadline` of the monotonic clock; 0 tries. Errors: timed_out, interrupted, deadlock (error_check, held by the
    /// caller), try_again (recursive, too deep), plain_error (destroyed).
    Result<> take(thread::Thread& self, thread::Time deadline);
    /// Errors: plain_error (not the owner).
    Result<> release(thread::Thread& self);
    void close() { mutex_.close(); }
    bool is_held(thread::Thread& self) { return mutex_.is_owner(self); }

    const UserAddr address;
    const UserMutexes::Type type;
    UserMutex* next = nullptr; // UserMutexes'

private:
    Mutex mutex_{"pmutex"};
};

} // namespace abi::rtthread
