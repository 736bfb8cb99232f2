#pragma once
// futex(2).

#include "abi/linux/row.hpp"

#include <linux/futex.h>
#include <linux/time_types.h>

namespace abi::linux {

Result<std::uint32_t> sys_futex(
    thread::Thread& thread, UserAddr address, std::int32_t operation, std::uint32_t value,
    std::uint64_t timeout_or_count, UserAddr second, std::uint32_t third);

inline constexpr std::array futex_calls{
    LINUX_PARTIAL(futex, "no priority inheritance (FUTEX_LOCK_PI and its like)"),
};

} // namespace abi::linux
