#pragma once
// The machine as a whole: names, totals, randomness, the kernel log, power.

#include "abi/linux/row.hpp"

#include <linux/sysinfo.h>
#include <linux/utsname.h>

namespace abi::linux {

Result<> sys_uname(memory::UserPtr<struct new_utsname> name);
Result<> sys_sethostname(memory::UserPtr<const char> name, std::int32_t length);
Result<> sys_setdomainname(memory::UserPtr<const char> name, std::int32_t length);
Result<> sys_sysinfo(memory::UserPtr<struct sysinfo> info);
Result<std::size_t> sys_getrandom(memory::UserBytes buffer, Flags flags);
Result<> sys_getcpu(memory::UserPtr<std::uint32_t> cpu, memory::UserPtr<std::uint32_t> node, UserAddr cache);
Result<std::int32_t> sys_syslog(std::int32_t action, memory::UserPtr<char> buffer, std::int32_t length);
Result<> sys_reboot(std::uint32_t magic, std::uint32_t magic2, std::uint32_t command, UserAddr argument);

inline constexpr std::array system_family_calls{
    LINUX_CALL(uname),     LINUX_CALL(sethostname), LINUX_CALL(setdomainname), LINUX_CALL(sysinfo),
    LINUX_CALL(getrandom), LINUX_CALL(getcpu),      LINUX_CALL(syslog),        LINUX_CALL(reboot),
};

} // namespace abi::linux
