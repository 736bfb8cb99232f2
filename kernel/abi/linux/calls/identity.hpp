#pragma once
// Users and groups that a process acts for (credentials(7)).

#include "abi/linux/row.hpp"

namespace abi::linux {

using UserId = std::uint32_t;

Result<UserId> sys_getuid(thread::Thread& thread);
Result<UserId> sys_geteuid(thread::Thread& thread);
Result<UserId> sys_getgid(thread::Thread& thread);
Result<UserId> sys_getegid(thread::Thread& thread);
Result<> sys_getresuid(memory::UserPtr<UserId> real, memory::UserPtr<UserId> effective, memory::UserPtr<UserId> saved);
Result<> sys_getresgid(memory::UserPtr<UserId> real, memory::UserPtr<UserId> effective, memory::UserPtr<UserId> saved);
Result<> sys_setuid(UserId user);
Result<> sys_setgid(UserId group);
Result<> sys_setreuid(UserId real, UserId effective);
Result<> sys_setregid(UserId real, UserId effective);
Result<> sys_setresuid(UserId real, UserId effective, UserId saved);
Result<> sys_setresgid(UserId real, UserId effective, UserId saved);
Result<UserId> sys_setfsuid(UserId user);
Result<UserId> sys_setfsgid(UserId group);
Result<std::int32_t> sys_getgroups(std::int32_t size, memory::UserPtr<UserId> list);
Result<> sys_setgroups(std::int32_t size, memory::UserPtr<const UserId> list);

inline constexpr std::array identity_calls{
    LINUX_CALL(getuid),    LINUX_CALL(geteuid),   LINUX_CALL(getgid),    LINUX_CALL(getegid),
    LINUX_CALL(getresuid), LINUX_CALL(getresgid), LINUX_CALL(setuid),    LINUX_CALL(setgid),
    LINUX_CALL(setreuid),  LINUX_CALL(setregid),  LINUX_CALL(setresuid), LINUX_CALL(setresgid),
    LINUX_CALL(setfsuid),  LINUX_CALL(setfsgid),  LINUX_CALL(getgroups), LINUX_CALL(setgroups),
};

} // namespace abi::linux
