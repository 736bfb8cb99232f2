#pragma once
// Numbers of processes, groups and sessions; limits, priorities, usage and other attributes of processes.

#include "abi/linux/row.hpp"

#include <linux/capability.h>
#include <linux/resource.h>
#include <linux/times.h>

namespace abi::linux {

using memory::UserPtr;

Result<std::int32_t> sys_getpid(thread::Thread& thread);
Result<std::int32_t> sys_getppid(thread::Thread& thread);
Result<std::int32_t> sys_gettid(thread::Thread& thread);
Result<> sys_setpgid(thread::Thread& thread, ProcessId process, ProcessId group);
Result<std::int32_t> sys_getpgid(thread::Thread& thread, ProcessId process);
Result<std::int32_t> sys_getsid(thread::Thread& thread, ProcessId process);
Result<std::int32_t> sys_setsid(thread::Thread& thread);

Result<> sys_getrusage(thread::Thread& thread, std::int32_t who, UserPtr<struct rusage> usage);
Result<std::int64_t> sys_times(thread::Thread& thread, UserPtr<struct tms> times);
Result<> sys_getrlimit(thread::Thread& thread, std::uint32_t resource, UserPtr<struct rlimit> limit);
Result<> sys_setrlimit(thread::Thread& thread, std::uint32_t resource, UserPtr<const struct rlimit> limit);
Result<> sys_prlimit64(
    thread::Thread& thread, ProcessId process, std::uint32_t resource, UserPtr<const struct rlimit64> wanted,
    UserPtr<struct rlimit64> former);
Result<std::int32_t> sys_getpriority(thread::Thread& thread, std::int32_t which, ProcessId who);
Result<> sys_setpriority(thread::Thread& thread, std::int32_t which, ProcessId who, std::int32_t priority);
Result<std::int64_t> sys_prctl(
    thread::Thread& thread, std::int32_t option, std::uint64_t second, std::uint64_t third, std::uint64_t fourth,
    std::uint64_t fifth);
Result<std::uint64_t> sys_personality(std::uint32_t persona);
Result<> sys_capget(
    thread::Thread& thread, UserPtr<struct __user_cap_header_struct> header,
    UserPtr<struct __user_cap_data_struct> data);
Result<> sys_capset(
    thread::Thread& thread, UserPtr<struct __user_cap_header_struct> header,
    UserPtr<const struct __user_cap_data_struct> data);

inline constexpr std::array id_calls{
    LINUX_CALL(getpid),
    LINUX_CALL(getppid),
    LINUX_CALL(gettid),
    LINUX_CALL(setpgid),
    LINUX_CALL(getpgid),
    LINUX_CALL(getsid),
    LINUX_CALL(setsid),
    LINUX_CALL(getrusage),
    LINUX_CALL(times),
    LINUX_CALL(getrlimit),
    LINUX_CALL(setrlimit),
    LINUX_CALL(prlimit64),
    LINUX_CALL(getpriority),
    LINUX_CALL(setpriority),
    LINUX_PARTIAL(prctl, "names, death signal, dumpable, no-new-privileges, subreaper, timer slack"),
    LINUX_CALL(personality),
    LINUX_CALL(capget),
    LINUX_CALL(capset),
};

} // namespace abi::linux
