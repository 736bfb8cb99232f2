#pragma once
// Signals (signal(7)).

#include "abi/linux/row.hpp"

#include <asm/signal.h>
// its users
#include <asm/siginfo.h>
#include <linux/time.h>
#include <linux/time_types.h>

namespace abi::linux {

using memory::UserPtr;
/// The kernel's signal set: 64 bits on all our ISAs.
using SignalBits = std::uint64_t;

Result<> sys_rt_sigaction(
    SignalNumber signal, UserPtr<const struct sigaction> action, UserPtr<struct sigaction> former, std::size_t size);
Result<> sys_rt_sigprocmask(
    thread::Thread& thread, std::int32_t how, UserPtr<const SignalBits> set, UserPtr<SignalBits> former,
    std::size_t size);
Result<> sys_rt_sigpending(thread::Thread& thread, UserPtr<SignalBits> set, std::size_t size);
Result<> sys_rt_sigsuspend(thread::Thread& thread, UserPtr<const SignalBits> mask, std::size_t size);
Result<std::int32_t> sys_rt_sigtimedwait(
    thread::Thread& thread, UserPtr<const SignalBits> set, UserPtr<siginfo_t> info,
    UserPtr<const __kernel_timespec> timeout, std::size_t size);
Result<> sys_rt_sigqueueinfo(thread::Thread& thread, ProcessId pid, SignalNumber signal, UserPtr<const siginfo_t> info);
Result<> sys_rt_tgsigqueueinfo(
    thread::Thread& thread, ProcessId process, ProcessId target, SignalNumber signal, UserPtr<const siginfo_t> info);
Result<FrameReplaced> sys_rt_sigreturn(thread::Thread& thread);
Result<> sys_sigaltstack(thread::Thread& thread, UserPtr<const stack_t> stack, UserPtr<stack_t> former);
Result<> sys_kill(thread::Thread& thread, ProcessId pid, SignalNumber signal);
Result<> sys_tkill(thread::Thread& thread, ProcessId target, SignalNumber signal);
Result<> sys_tgkill(thread::Thread& thread, ProcessId process, ProcessId target, SignalNumber signal);
Result<> sys_getitimer(thread::Thread& thread, std::int32_t which, UserPtr<struct __kernel_old_itimerval> value);
Result<> sys_setitimer(
    thread::Thread& thread, std::int32_t which, UserPtr<const struct __kernel_old_itimerval> value,
    UserPtr<struct __kernel_old_itimerval> former);

inline constexpr std::array signal_calls{
    LINUX_CALL(rt_sigaction),
    LINUX_CALL(rt_sigprocmask),
    LINUX_CALL(rt_sigpending),
    LINUX_CALL(rt_sigsuspend),
    LINUX_CALL(rt_sigtimedwait),
    LINUX_CALL(rt_sigqueueinfo),
    LINUX_CALL(rt_tgsigqueueinfo),
    LINUX_CALL(rt_sigreturn),
    LINUX_CALL(sigaltstack),
    LINUX_CALL(kill),
    LINUX_CALL(tkill),
    LINUX_CALL(tgkill),
    LINUX_CALL(getitimer),
    LINUX_CALL(setitimer),
};

} // namespace abi::linux
