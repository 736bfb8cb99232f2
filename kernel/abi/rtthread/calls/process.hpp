#pragma once
// Processes: how they begin, end and are waited for, and who they are.

#include "abi/rtthread/row.hpp"
#include "process/limits.hpp"

namespace abi::rtthread {

Result<> sys_exit(thread::Thread& thread, std::int32_t status);
Result<> sys_exit_group(std::int32_t status);
/// A new process with the program; returns its number.
Result<std::int32_t>
sys_exec(thread::Thread& thread, memory::UserString path, std::int32_t count, UserAddr arguments, UserAddr environment);
Result<FrameReplaced>
sys_execve(thread::Thread& thread, memory::UserString path, UserAddr arguments, UserAddr environment);
Result<std::int32_t> sys_fork(thread::Thread& thread);
Result<std::int32_t> sys_vfork(thread::Thread& thread);
/// Seven words: flags, stack, address for the tid, TLS, address to clear at the end, and two that the child's own start
/// code reads.
Result<std::int32_t> sys_clone(thread::Thread& thread, UserAddr arguments);
Result<std::int32_t>
sys_waitpid(thread::Thread& thread, ProcessId process, memory::UserPtr<std::int32_t> status, Flags options);
Result<std::int32_t> sys_wait4(
    thread::Thread& thread, ProcessId process, memory::UserPtr<std::int32_t> status, Flags options, UserAddr usage);

Result<std::int32_t> sys_getpid(thread::Thread& thread);
Result<std::int32_t> sys_getppid(thread::Thread& thread);
Result<std::int32_t> sys_gettid(thread::Thread& thread);
Result<std::int32_t> sys_setsid(thread::Thread& thread);
Result<> sys_setpgid(thread::Thread& thread, ProcessId process, ProcessId group);
Result<std::int32_t> sys_getpgid(thread::Thread& thread, ProcessId process);
Result<std::int32_t> sys_getsid(thread::Thread& thread, ProcessId process);
Result<> sys_set_thread_area(thread::Thread& thread, UserAddr area);
Result<std::uint32_t> sys_set_tid_address(thread::Thread& thread, UserAddr address);
Result<> sys_set_robust_list(thread::Thread& thread, UserAddr head, std::uint64_t bytes);
Result<> sys_get_robust_list(
    thread::Thread& thread, ProcessId id, memory::UserPtr<std::uint64_t> head, memory::UserPtr<std::uint64_t> bytes);
Result<> sys_prlimit64(
    thread::Thread& thread, ProcessId process, std::uint32_t resource, memory::UserPtr<const process::Limit> wanted,
    memory::UserPtr<process::Limit> former);
Result<> sys_getrlimit(thread::Thread& thread, std::uint32_t resource, memory::UserPtr<process::Limit> limit);
Result<> sys_setrlimit(thread::Thread& thread, std::uint32_t resource, memory::UserPtr<const process::Limit> limit);

inline constexpr std::array process_calls{
    RTTHREAD_CALL(1, exit),
    RTTHREAD_CALL(13, exec),
    RTTHREAD_CALL(15, getpid),
    RTTHREAD_CALL(98, exit_group),
    RTTHREAD_CALL(110, waitpid),
    RTTHREAD_CALL(123, set_thread_area),
    RTTHREAD_CALL(124, set_tid_address),
    RTTHREAD_CALL(130, clone),
    RTTHREAD_CALL(136, fork),
    RTTHREAD_CALL(137, execve),
    RTTHREAD_CALL(138, vfork),
    RTTHREAD_CALL(139, gettid),
    RTTHREAD_CALL(140, prlimit64),
    RTTHREAD_CALL(141, getrlimit),
    RTTHREAD_CALL(142, setrlimit),
    RTTHREAD_CALL(143, setsid),
    RTTHREAD_PARTIAL(206, wait4, "the usage is all zeros"),
    RTTHREAD_CALL(207, set_robust_list),
    RTTHREAD_CALL(208, get_robust_list),
    RTTHREAD_CALL(209, setpgid),
    RTTHREAD_CALL(210, getpgid),
    RTTHREAD_CALL(211, getsid),
    RTTHREAD_CALL(212, getppid),
};

} // namespace abi::rtthread
