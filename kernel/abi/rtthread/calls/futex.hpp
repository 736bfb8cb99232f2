#pragma once
// Waiting on words of user memory: futex, and pmutex of 5.0.x.

#include "abi/rtthread/row.hpp"
#include "abi/rtthread/times.hpp"

namespace abi::rtthread {

Result<std::int64_t> sys_futex(
    thread::Thread& thread, UserAddr word, std::int32_t operation, std::uint32_t value, std::uint64_t timeout_or_count,
    UserAddr second, std::uint32_t third);
/// 5.0.x alone.
Result<> sys_pmutex(thread::Thread& thread, UserAddr mutex, std::int32_t operation, UserAddr argument);

inline constexpr std::array futex_calls{
    RTTHREAD_PARTIAL(131, futex, "LOCK_PI, UNLOCK_PI and TRYLOCK_PI answer -ENOSYS"),
};

} // namespace abi::rtthread
