#pragma once
// The system as a whole.

#include "abi/rtthread/row.hpp"

namespace abi::rtthread {

using NameField = std::array<char, 65>;
/// struct utsname.
struct SystemName {
    NameField system, node, release, version, machine, domain;
};
/// struct sysinfo of musl's 64-bit ISAs.
struct SystemInfo {
    std::uint64_t uptime;
    std::array<std::uint64_t, 3> loads;
    std::uint64_t total, free, shared, buffers, total_swap, free_swap;
    std::uint16_t processes, padding;
    std::uint64_t total_high, free_high;
    std::uint32_t unit;
    std::array<char, 256> reserved;
};

Result<std::int32_t> sys_get_errno(thread::Thread& thread);
Result<> sys_uname(memory::UserPtr<SystemName> name);
Result<> sys_sysinfo(memory::UserPtr<SystemInfo> info);
Result<std::size_t> sys_getrandom(memory::UserBytes buffer, Flags flags);
Result<> sys_reboot(std::uint32_t magic, std::uint32_t magic2, std::uint32_t command, UserAddr argument);
Result<> sys_log(thread::Thread& thread, memory::ConstUserBytes text);

inline constexpr std::array system_family_calls{
    RTTHREAD_CALL(122, get_errno), RTTHREAD_CALL(144, getrandom), RTTHREAD_CALL(170, uname),
    RTTHREAD_CALL(181, sysinfo),   RTTHREAD_CALL(183, reboot),    RTTHREAD_CALL(255, log),
};

} // namespace abi::rtthread
