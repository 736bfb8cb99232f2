#include "abi/linux/calls/signal.hpp"

#include "abi/linux/calls/legacy_process.hpp"
#include "abi/linux/signals.hpp"
#include "abi/linux/thread_state.hpp"
#include "abi/linux/time_values.hpp"
#include "process/cpu_timer.hpp"
#include "process/send.hpp"
#include "process/table.hpp"

#include <cstring>
#include <linux/signal.h>

namespace abi::linux {
namespace {

using process::Id;
using process::Signal;
using process::SignalAction;
using process::SignalInfo;
using process::SignalSet;
using process::SignalSource;

Result<> check_set_size(std::size_t size) {
    if (size != sizeof(SignalBits))
        return fail(Error::invalid_argument);
    return {};
}

/// 1..64, or with `allow_none` also 0. Errors: invalid_argument.
Result<Signal> to_signal(SignalNumber number, bool allow_none = false) {
    const int least = allow_none ? 0 : 1;
    if (number.value < least || number.value > static_cast<int>(process::signal_count))
        return fail(Error::invalid_argument);
    return static_cast<Signal>(number.value);
}

struct FlagPair {
    SignalAction::Flag ours;
    std::uint64_t theirs;
};
constexpr std::uint64_t restorer_flag = 0x04000000; // SA_RESTORER, on the ISAs that have it
constexpr std::array flag_pairs{
    FlagPair{SignalAction::no_child_stop, SA_NOCLDSTOP}, FlagPair{SignalAction::no_child_wait, SA_NOCLDWAIT},
    FlagPair{SignalAction::with_info, SA_SIGINFO},       FlagPair{SignalAction::on_alternate_stack, SA_ONSTACK},
    FlagPair{SignalAction::restart_calls, SA_RESTART},   FlagPair{SignalAction::not_deferred, SA_NODEFER},
    FlagPair{SignalAction::one_shot, SA_RESETHAND},      FlagPair{SignalAction::has_restorer, restorer_flag},
};

/// The member that riscv's structure does not have.
template <typename Action>
concept HasRestorer = requires(Action action) { action.sa_restorer; };

template <typename Action>
std::uintptr_t get_restorer(const Action& action) {
    if constexpr (HasRestorer<Action>)
        return reinterpret_cast<std::uintptr_t>(action.sa_restorer);
    else
        return 0;
}
template <typename Action>
void set_restorer(Action& action, std::uintptr_t address) {
    if constexpr (HasRestorer<Action>)
        std::memcpy(static_cast<void*>(&action.sa_restorer), &address, sizeof(address));
}

SignalAction from_user(const struct sigaction& in) {
    SignalAction action;
    const auto handler = reinterpret_cast<std::uintptr_t>(in.sa_handler);
    if (handler == 0) // SIG_DFL
        action.kind = SignalAction::Kind::standard;
    else if (handler == 1) // SIG_IGN
        action.kind = SignalAction::Kind::ignore;
    else
        action.kind = SignalAction::Kind::handler;
    action.handler = handler;
    for (const FlagPair& pair : flag_pairs)
        if (in.sa_flags & pair.theirs)
            action.flags |= pair.ours;
    action.restorer = get_restorer(in);
    if (!HasRestorer<struct sigaction>)
        action.flags &= static_cast<std::uint8_t>(~SignalAction::has_restorer);
    std::memcpy(&action.mask.bits, &in.sa_mask, sizeof(action.mask.bits));
    action.mask = action.mask - process::unblockable;
    return action;
}

struct sigaction to_user(const SignalAction& action) {
    struct sigaction out;
    std::memset(&out, 0, sizeof(out));
    std::uintptr_t handler = action.handler;
    if (action.kind != SignalAction::Kind::handler)
        handler = action.kind == SignalAction::Kind::ignore ? 1 : 0;
    std::memcpy(static_cast<void*>(&out.sa_handler), &handler, sizeof(handler));
    for (const FlagPair& pair : flag_pairs)
        if (action.has(pair.ours))
            out.sa_flags |= pair.theirs;
    set_restorer(out, action.restorer);
    std::memcpy(&out.sa_mask, &action.mask.bits, sizeof(action.mask.bits));
    return out;
}

} // namespace

Result<> sys_rt_sigaction(
    SignalNumber number, UserPtr<const struct sigaction> action, UserPtr<struct sigaction> former, std::size_t size) {
    TRY(check_set_size(size));
    SignalAction wanted;
    if (action)
        wanted = from_user(TRY(action.read()));
    const Signal signal = TRY(to_signal(number));
    if (action && process::unblockable.contains(signal))
        return fail(Error::invalid_argument);
    process::Process& process = process::current();
    const SignalAction old = action ? process::set_action(process, signal, wanted) : process.actions->get(signal);
    return former ? former.write(to_user(old)) : Result<>();
}

Result<> sys_rt_sigprocmask(
    thread::Thread& thread, std::int32_t how, UserPtr<const SignalBits> set, UserPtr<SignalBits> former,
    std::size_t size) {
    TRY(check_set_size(size));
    const SignalSet old = thread.member->mask;
    if (set) {
        const SignalSet change{TRY(set.read())};
        SignalSet mask;
        switch (how) {
        case SIG_BLOCK:
            mask = old | change;
            break;
        case SIG_UNBLOCK:
            mask = old - change;
            break;
        case SIG_SETMASK:
            mask = change;
            break;
        default:
            return fail(Error::invalid_argument);
        }
        process::set_mask(thread, mask);
    }
    return former ? former.write(old.bits) : Result<>();
}

Result<> sys_rt_sigpending(thread::Thread& thread, UserPtr<SignalBits> set, std::size_t size) {
    if (size > sizeof(SignalBits))
        return fail(Error::invalid_argument);
    const SignalSet pending = process::pending_signals(thread) & thread.member->mask;
    return memory::copy_out(set.address(), &pending.bits, size);
}

Result<> sys_rt_sigsuspend(thread::Thread& thread, UserPtr<const SignalBits> mask, std::size_t size) {
    TRY(check_set_size(size));
    process::set_temporary_mask(thread, {TRY(mask.read())});
    return sys_pause(thread);
}

Result<> sys_pause(thread::Thread& thread) {
    while (thread::sleep_until(thread::never)) {}
    return restart_unless_handled(thread);
}

Result<std::int32_t> sys_rt_sigtimedwait(
    thread::Thread& thread, UserPtr<const SignalBits> set, UserPtr<siginfo_t> info,
    UserPtr<const __kernel_timespec> timeout, std::size_t size) {
    TRY(check_set_size(size));
    const SignalSet wanted{TRY(set.read())};
    const thread::Time deadline = TRY(read_timeout(timeout));
    const auto result = process::wait_for_signal(thread, wanted, deadline);
    if (!result)
        return fail(result.error() == Error::timed_out ? Error::would_block : Error::interrupted);
    if (info)
        TRY(info.write(to_siginfo(*result)));
    return static_cast<std::int32_t>(result->signal);
}

namespace {

SignalInfo from_caller(thread::Thread& thread, Signal signal, SignalSource source) {
    return {
        .signal = signal,
        .source = source,
        .sender = thread.process->id,
        .user = thread.process->credentials_of().user,
    };
}

/// The part of a siginfo_t that has members; what is behind them is not looked at (struct kernel_siginfo of Linux).
Result<siginfo_t> read_info(UserPtr<const siginfo_t> from) {
    siginfo_t in;
    std::memset(&in, 0, sizeof(in));
    TRY(memory::copy_in(&in, from.address(), offsetof(siginfo_t, _sifields) + sizeof(in._sifields)));
    return in;
}

/// A siginfo_t that a program made. Errors: not_permitted (it pretends to come from the kernel or from kill).
Result<SignalInfo> from_user_info(thread::Thread& thread, Signal signal, const siginfo_t& in, Id target) {
    if ((in.si_code >= 0 || in.si_code == SI_TKILL) && target != thread.process->id)
        return fail(Error::not_permitted);
    SignalInfo info{
        .signal = signal,
        .source = SignalSource::queued,
        .code = in.si_code,
        .sender = in.si_pid,
        .user = in.si_uid,
    };
    std::memcpy(&info.value, &in.si_value, sizeof(info.value));
    return info;
}

/// One thread; `process` 0: whatever process it is in.
Result<> send_to_thread(thread::Thread& caller, Id process, Id target, const SignalInfo& info) {
    const Ref<thread::Thread> thread = process::find_thread(target);
    if (!thread)
        return fail(Error::no_process);
    Ref<process::Process> owner;
    {
        SpinlockGuard guard(process::tree_lock);
        owner = Ref<process::Process>::share(thread->process);
    }
    if (!owner || (process != 0 && owner->id != process))
        return fail(Error::no_process);
    if (!process::may_signal(*caller.process, *owner, info.signal))
        return fail(Error::not_permitted);
    if (info.signal != Signal::none)
        process::send(*thread, info);
    return {};
}

} // namespace

Result<>
sys_rt_sigqueueinfo(thread::Thread& thread, ProcessId pid, SignalNumber number, UserPtr<const siginfo_t> info) {
    const siginfo_t in = TRY(read_info(info));
    const SignalInfo out = TRY(from_user_info(thread, static_cast<Signal>(number.value), in, pid.value));
    TRY(to_signal(number, true));
    if (pid.value <= 0)
        return fail(Error::no_process);
    return process::kill(*thread.process, pid.value, out);
}

Result<> sys_rt_tgsigqueueinfo(
    thread::Thread& thread, ProcessId process, ProcessId target, SignalNumber number, UserPtr<const siginfo_t> info) {
    const siginfo_t in = TRY(read_info(info));
    if (process.value <= 0 || target.value <= 0)
        return fail(Error::invalid_argument);
    const SignalInfo out = TRY(from_user_info(thread, static_cast<Signal>(number.value), in, process.value));
    TRY(to_signal(number, true));
    return send_to_thread(thread, process.value, target.value, out);
}

Result<FrameReplaced> sys_rt_sigreturn(thread::Thread& thread) {
    return_from_handler(thread);
    return FrameReplaced();
}

Result<> sys_sigaltstack(thread::Thread& thread, UserPtr<const stack_t> stack, UserPtr<stack_t> former) {
    process::AlternateStack& alternate = thread.member->alternate_stack;
    const stack_t old = to_stack(alternate, thread.frame->stack_pointer);
    if (stack) {
        const stack_t wanted = TRY(stack.read());
        if (alternate.contains(thread.frame->stack_pointer) && !alternate.disarm_on_use)
            return fail(Error::not_permitted);
        const auto flags = static_cast<std::uint32_t>(wanted.ss_flags);
        const std::uint32_t mode = flags & ~std::uint32_t{SS_AUTODISARM};
        if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
            return fail(Error::invalid_argument);
        if (mode != SS_DISABLE && wanted.ss_size < MINSIGSTKSZ)
            return fail(Error::no_memory);
        if (mode == SS_DISABLE)
            alternate = {};
        else
            alternate = {
                .base = reinterpret_cast<std::uintptr_t>(wanted.ss_sp),
                .bytes = wanted.ss_size,
                .disarm_on_use = (flags & SS_AUTODISARM) != 0,
            };
    }
    return former ? former.write(old) : Result<>();
}

Result<> sys_kill(thread::Thread& thread, ProcessId pid, SignalNumber number) {
    const auto signal = to_signal(number, true);
    if (!signal) {
        // Linux looks for the target first, and finds the number wrong where it would send.
        TRY(process::kill(*thread.process, pid.value, from_caller(thread, Signal::none, SignalSource::user)));
        return fail(signal.error());
    }
    return process::kill(*thread.process, pid.value, from_caller(thread, *signal, SignalSource::user));
}

Result<> sys_tkill(thread::Thread& thread, ProcessId target, SignalNumber number) {
    if (target.value <= 0)
        return fail(Error::invalid_argument);
    const Signal signal = TRY(to_signal(number, true));
    return send_to_thread(thread, 0, target.value, from_caller(thread, signal, SignalSource::thread));
}

Result<> sys_tgkill(thread::Thread& thread, ProcessId process, ProcessId target, SignalNumber number) {
    if (process.value <= 0 || target.value <= 0)
        return fail(Error::invalid_argument);
    const Signal signal = TRY(to_signal(number, true));
    return send_to_thread(thread, process.value, target.value, from_caller(thread, signal, SignalSource::thread));
}

namespace {

using Setting = process::IntervalTimer::Setting;

__kernel_old_itimerval to_itimerval(const Setting& setting) {
    return {.it_interval = to_timeval(setting.interval), .it_value = to_timeval(setting.left)};
}

using process::CpuClock;

/// Errors: invalid_argument (no such timer).
Result<Setting> get_timer(process::Process& process, std::int32_t which) {
    switch (which) {
    case ITIMER_REAL:
        return process.real_timer.get();
    case ITIMER_VIRTUAL:
        return process::get_cpu_timer(process, CpuClock::user);
    case ITIMER_PROF:
        return process::get_cpu_timer(process, CpuClock::user_and_system);
    default:
        return fail(Error::invalid_argument);
    }
}

Result<Setting> set_timer(process::Process& process, std::int32_t which, const Setting& wanted) {
    switch (which) {
    case ITIMER_REAL:
        return process.real_timer.set(wanted);
    case ITIMER_VIRTUAL:
        return process::set_cpu_timer(process, CpuClock::user, wanted);
    case ITIMER_PROF:
        return process::set_cpu_timer(process, CpuClock::user_and_system, wanted);
    default:
        return fail(Error::invalid_argument);
    }
}

} // namespace

Result<> sys_getitimer(thread::Thread& thread, std::int32_t which, UserPtr<struct __kernel_old_itimerval> value) {
    return value.write(to_itimerval(TRY(get_timer(*thread.process, which))));
}

Result<> sys_setitimer(
    thread::Thread& thread, std::int32_t which, UserPtr<const struct __kernel_old_itimerval> value,
    UserPtr<struct __kernel_old_itimerval> former) {
    Setting wanted; // a null pointer stops the timer, as on Linux
    if (value) {
        const __kernel_old_itimerval in = TRY(value.read());
        wanted = {.left = TRY(to_time(in.it_value)), .interval = TRY(to_time(in.it_interval))};
    }
    const Setting old = TRY(set_timer(*thread.process, which, wanted));
    return former ? former.write(to_itimerval(old)) : Result<>();
}

Result<std::uint32_t> sys_alarm(thread::Thread& thread, std::uint32_t seconds) {
    const Setting old = thread.process->real_timer.set({.left = seconds * nanoseconds_per_second});
    // Rounded to the nearest second, but never to "not running".
    const auto left = static_cast<std::uint32_t>((old.left + nanoseconds_per_second / 2) / nanoseconds_per_second);
    return old.left != 0 && left == 0 ? 1 : left;
}

} // namespace abi::linux
