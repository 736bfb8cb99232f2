#pragma once
// Processes, memory and time.

#include "abi/xv6/row.hpp"

namespace abi::xv6 {

Result<std::int32_t> sys_fork(thread::Thread& thread);
Result<> sys_exit(std::int32_t status);
Result<std::int32_t> sys_wait(memory::UserPtr<std::int32_t> status);
Result<> sys_kill(ProcessId pid);
Result<std::int32_t> sys_getpid(thread::Thread& thread);
Result<UserAddr> sys_sbrk(thread::Thread& thread, std::int32_t bytes);
Result<> sys_sleep(std::int32_t ticks);
Result<std::uint32_t> sys_uptime();

inline constexpr std::array process_calls{
    XV6_CALL(fork),   XV6_CALL(exit), XV6_CALL(wait),  XV6_CALL(kill),
    XV6_CALL(getpid), XV6_CALL(sbrk), XV6_CALL(sleep), XV6_CALL(uptime),
};

} // namespace abi::xv6
