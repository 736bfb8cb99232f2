#pragma once
// execve(2), execveat(2).

#include "abi/linux/row.hpp"

namespace abi::linux {

Result<FrameReplaced>
sys_execve(thread::Thread& thread, memory::UserString path, UserAddr arguments, UserAddr environment);
Result<FrameReplaced> sys_execveat(
    thread::Thread& thread, Descriptor directory, memory::UserString path, UserAddr arguments, UserAddr environment,
    Flags flags);

inline constexpr std::array exec_calls{
    LINUX_CALL(execve),
    LINUX_CALL(execveat),
};

} // namespace abi::linux
