#pragma once
// exec(path, argv): the new program may be any kernel's.

#include "abi/xv6/row.hpp"

namespace abi::xv6 {

Result<FrameReplaced> sys_exec(thread::Thread& thread, memory::UserString path, UserAddr arguments);

inline constexpr std::array exec_calls{XV6_CALL(exec)};

} // namespace abi::xv6
