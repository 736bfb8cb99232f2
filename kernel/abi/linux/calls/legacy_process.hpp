#pragma once
// Calls of the process families that only older ISAs have numbers for (x86_64).

#include "abi/linux/row.hpp"

namespace abi::linux {

Result<std::int32_t> sys_fork(thread::Thread& thread);
Result<std::int32_t> sys_vfork(thread::Thread& thread);
Result<std::int32_t> sys_getpgrp(thread::Thread& thread);
Result<> sys_pause(thread::Thread& thread);
Result<std::uint32_t> sys_alarm(thread::Thread& thread, std::uint32_t seconds);

} // namespace abi::linux
