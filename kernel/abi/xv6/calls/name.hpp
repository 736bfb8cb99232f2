#pragma once
// Names: making, linking and removing them, and the working directory.

#include "abi/xv6/row.hpp"

namespace abi::xv6 {

Result<> sys_mknod(memory::UserString path, std::int16_t major, std::int16_t minor);
Result<> sys_unlink(memory::UserString path);
Result<> sys_link(memory::UserString from, memory::UserString to);
Result<> sys_mkdir(memory::UserString path);
Result<> sys_chdir(memory::UserString path);

inline constexpr std::array name_calls{
    XV6_CALL(mknod), XV6_CALL(unlink), XV6_CALL(link), XV6_CALL(mkdir), XV6_CALL(chdir),
};

} // namespace abi::xv6
