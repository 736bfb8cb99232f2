#pragma once
// Waiting for several files: poll and select.

#include "abi/linux/row.hpp"

#include <asm/poll.h>
#include <linux/posix_types.h>
#include <linux/time_types.h>

namespace abi::linux {

using PollFd = struct ::pollfd;

Result<std::int64_t> sys_ppoll(
    thread::Thread& thread, UserAddr descriptors, std::uint32_t count, memory::UserPtr<__kernel_timespec> timeout,
    UserAddr mask, std::uint64_t mask_bytes);
Result<std::int64_t> sys_pselect6(
    thread::Thread& thread, std::int32_t count, UserAddr reading, UserAddr writing, UserAddr exceptional,
    memory::UserPtr<__kernel_timespec> timeout, UserAddr mask_argument);

/// The body of poll and ppoll: until one is ready, or `deadline`. Errors: invalid_argument, bad_address, no_memory,
/// restart.
Result<std::int64_t> poll_files(UserAddr descriptors, std::uint32_t count, thread::Time deadline);
/// The body of select and pselect6. Null sets are not looked at. Errors: invalid_argument, bad_descriptor, bad_address,
/// no_memory, restart.
Result<std::int64_t>
select_files(std::int32_t count, UserAddr reading, UserAddr writing, UserAddr exceptional, thread::Time deadline);

inline constexpr std::array poll_calls{LINUX_CALL(ppoll), LINUX_CALL(pselect6)};

} // namespace abi::linux
