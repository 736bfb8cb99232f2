#pragma once
// Signals.

#include "abi/rtthread/row.hpp"
#include "abi/rtthread/signal_info.hpp"
#include "abi/rtthread/times.hpp"

namespace abi::rtthread {

using SignalBits = std::uint64_t;

/// struct k_sigaction.
struct ActionRecord {
    std::uint64_t handler, flags, restorer;
    SignalBits mask;
};

Result<> sys_sigaction(
    SignalNumber number, memory::UserPtr<const ActionRecord> action, memory::UserPtr<ActionRecord> former,
    std::uint64_t set_bytes);
Result<>
sys_sigprocmask(thread::Thread& thread, std::int32_t how, UserAddr set, UserAddr former, std::uint64_t set_bytes);
Result<> sys_thread_sigprocmask(
    thread::Thread& thread, std::int32_t how, UserAddr set, UserAddr former, std::uint64_t set_bytes);
Result<> sys_sigpending(thread::Thread& thread, UserAddr set, std::uint64_t set_bytes);
Result<std::int32_t> sys_sigtimedwait(
    thread::Thread& thread, memory::UserPtr<const SignalBits> set, memory::UserPtr<SignalInfoRecord> info,
    memory::UserPtr<const Timespec> timeout, std::uint64_t set_bytes);
Result<> sys_kill(thread::Thread& thread, ProcessId process, SignalNumber number);
Result<> sys_tkill(thread::Thread& thread, ProcessId target, SignalNumber number);

/// `descriptor`: a file of this kind that is to read these signals from now on, or -1.
Result<Descriptor> sys_signalfd(Descriptor descriptor, memory::UserPtr<const SignalBits> set, Flags flags);

inline constexpr std::array signal_calls{
    RTTHREAD_CALL(14, kill),
    RTTHREAD_PARTIAL(103, sigaction, "the restorer is stored and not used, as in the original"),
    RTTHREAD_CALL(104, sigprocmask),
    RTTHREAD_CALL(105, tkill),
    RTTHREAD_CALL(106, thread_sigprocmask),
    RTTHREAD_CALL(187, sigpending),
    RTTHREAD_CALL(188, sigtimedwait),
    RTTHREAD_CALL(199, signalfd),
};

} // namespace abi::rtthread
