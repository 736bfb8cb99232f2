#pragma once
// Processes and threads: making them, ending them, waiting for them (clone(2), _exit(2), wait(2)).

#include "abi/linux/row.hpp"

#include <asm/siginfo.h>
#include <linux/resource.h>
#include <linux/sched.h>

namespace abi::linux {

using memory::UserPtr;

Result<std::int32_t> sys_clone(
    thread::Thread& thread, std::uint64_t flags, UserAddr stack, UserAddr parent_tid, UserAddr fourth, UserAddr fifth);
Result<std::int32_t> sys_clone3(thread::Thread& thread, UserAddr arguments, std::size_t size);
Result<> sys_exit(std::int32_t status);
Result<> sys_exit_group(std::int32_t status);
Result<std::int32_t> sys_wait4(
    thread::Thread& thread, ProcessId pid, UserPtr<std::int32_t> status, Flags options, UserPtr<struct rusage> usage);
Result<> sys_waitid(
    thread::Thread& thread, std::int32_t which, ProcessId id, UserPtr<siginfo_t> info, Flags options,
    UserPtr<struct rusage> usage);
Result<std::uint64_t> sys_set_tid_address(thread::Thread& thread, UserAddr address);
Result<> sys_set_robust_list(thread::Thread& thread, UserAddr head, std::size_t size);
Result<>
sys_get_robust_list(thread::Thread& thread, ProcessId pid, UserPtr<std::uint64_t> head, UserPtr<std::uint64_t> size);

inline constexpr std::array process_calls{
    LINUX_PARTIAL(clone, "no namespaces, no pidfd, no tracing; threads share files and directory"),
    LINUX_PARTIAL(clone3, "as clone; no cgroup, no chosen tid"),
    LINUX_CALL(exit),
    LINUX_CALL(exit_group),
    LINUX_CALL(wait4),
    LINUX_PARTIAL(waitid, "no pidfd"),
    LINUX_CALL(set_tid_address),
    LINUX_CALL(set_robust_list),
    LINUX_CALL(get_robust_list),
};

} // namespace abi::linux
