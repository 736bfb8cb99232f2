#include "abi/rtthread/calls/signal.hpp"

#include "process/send.hpp"
#include "process/table.hpp"

namespace abi::rtthread {
namespace {

using memory::UserPtr;
using process::Signal;
using process::SignalAction;
using process::SignalInfo;
using process::SignalSet;
using process::SignalSource;

struct FlagPair {
    SignalAction::Flag ours;
    std::uint64_t theirs;
};
/// SA_* of musl's generic list.
constexpr std::array flag_pairs{
    FlagPair{SignalAction::no_child_stop, 1},
    FlagPair{SignalAction::no_child_wait, 2},
    FlagPair{SignalAction::with_info, 4},
    FlagPair{SignalAction::has_restorer, 0x04000000},
    FlagPair{SignalAction::on_alternate_stack, 0x08000000},
    FlagPair{SignalAction::restart_calls, 0x10000000},
    FlagPair{SignalAction::not_deferred, 0x40000000},
    FlagPair{SignalAction::one_shot, 0x80000000},
};

/// 1..64, or with `allow_none` also 0. Errors: invalid_argument.
Result<Signal> to_signal(SignalNumber number, bool allow_none = false) {
    if (number.value < (allow_none ? 0 : 1) || number.value > static_cast<int>(process::signal_count))
        return fail(Error::invalid_argument);
    return static_cast<Signal>(number.value);
}

SignalAction from_record(const ActionRecord& record) {
    SignalAction action;
    action.kind = record.handler == 0   ? SignalAction::Kind::standard
                  : record.handler == 1 ? SignalAction::Kind::ignore
                                        : SignalAction::Kind::handler;
    action.handler = record.handler;
    action.restorer = record.restorer;
    for (const FlagPair& pair : flag_pairs)
        if (record.flags & pair.theirs)
            action.flags |= pair.ours;
    action.mask = SignalSet{record.mask} - process::unblockable;
    return action;
}

ActionRecord to_record(const SignalAction& action) {
    ActionRecord record{.handler = action.handler, .flags = 0, .restorer = action.restorer, .mask = action.mask.bits};
    if (action.kind != SignalAction::Kind::handler)
        record.handler = action.kind == SignalAction::Kind::ignore ? 1 : 0;
    for (const FlagPair& pair : flag_pairs)
        if (action.has(pair.ours))
            record.flags |= pair.theirs;
    return record;
}

/// Reads a set of `bytes` bytes, at most 8: the rest is empty.
Result<SignalSet> read_set(UserAddr from, std::uint64_t bytes) {
    SignalSet set;
    TRY(memory::copy_in(&set.bits, from, std::min<std::uint64_t>(bytes, sizeof(set.bits))));
    return set;
}

Result<> change_mask(thread::Thread& thread, std::int32_t how, UserAddr set, UserAddr former, std::uint64_t bytes) {
    enum How : std::int32_t { block = 0, unblock = 1, replace = 2 };
    const SignalSet old = thread.member->mask;
    if (set.value != 0) {
        const SignalSet change = TRY(read_set(set, bytes));
        if (how == block)
            process::set_mask(thread, old | change);
        else if (how == unblock)
            process::set_mask(thread, old - change);
        else if (how == replace)
            process::set_mask(thread, change);
        else
            return fail(Error::invalid_argument);
    }
    if (former.value == 0)
        return {};
    return memory::copy_out(former, &old.bits, std::min<std::uint64_t>(bytes, sizeof(old.bits)));
}

SignalInfo from_caller(thread::Thread& thread, Signal signal, SignalSource source) {
    return {
        .signal = signal,
        .source = source,
        .sender = thread.process->id,
        .user = thread.process->credentials_of().user,
    };
}

} // namespace

Result<> sys_sigaction(
    SignalNumber number, UserPtr<const ActionRecord> action, UserPtr<ActionRecord> former, std::uint64_t set_bytes) {
    if (set_bytes == 0)
        return fail(Error::invalid_argument);
    const Signal signal = TRY(to_signal(number));
    SignalAction wanted;
    if (action) {
        if (process::unblockable.contains(signal))
            return fail(Error::invalid_argument);
        wanted = from_record(TRY(action.read()));
    }
    process::Process& self = process::current();
    const SignalAction old = action ? process::set_action(self, signal, wanted) : self.actions->get(signal);
    return former ? former.write(to_record(old)) : Result<>();
}

Result<>
sys_sigprocmask(thread::Thread& thread, std::int32_t how, UserAddr set, UserAddr former, std::uint64_t set_bytes) {
    return set_bytes == 0 ? fail(Error::invalid_argument) : change_mask(thread, how, set, former, set_bytes);
}

Result<> sys_thread_sigprocmask(
    thread::Thread& thread, std::int32_t how, UserAddr set, UserAddr former, std::uint64_t set_bytes) {
    if (set_bytes != sizeof(SignalBits))
        return fail(Error::invalid_argument);
    return change_mask(thread, how, set, former, set_bytes);
}

Result<> sys_sigpending(thread::Thread& thread, UserAddr set, std::uint64_t set_bytes) {
    if (set_bytes > sizeof(SignalBits))
        return fail(Error::invalid_argument);
    const SignalSet pending = process::pending_signals(thread) & thread.member->mask;
    return memory::copy_out(set, &pending.bits, set_bytes);
}

Result<std::int32_t> sys_sigtimedwait(
    thread::Thread& thread, UserPtr<const SignalBits> set, UserPtr<SignalInfoRecord> info,
    UserPtr<const Timespec> timeout, std::uint64_t set_bytes) {
    if (set_bytes != sizeof(SignalBits))
        return fail(Error::invalid_argument);
    const SignalSet wanted{TRY(set.read())};
    thread::Time deadline = thread::never;
    if (timeout)
        deadline = after(thread::now(), TRY(to_time(TRY(timeout.read()))));
    const auto taken = process::wait_for_signal(thread, wanted, deadline);
    if (!taken)
        return fail(taken.error() == Error::timed_out ? Error::would_block : Error::interrupted);
    if (info)
        TRY(info.write(to_record(*taken)));
    return static_cast<std::int32_t>(taken->signal);
}

Result<> sys_kill(thread::Thread& thread, ProcessId process, SignalNumber number) {
    const Signal signal = TRY(to_signal(number, true));
    return process::kill(*thread.process, process.value, from_caller(thread, signal, SignalSource::user));
}

Result<> sys_tkill(thread::Thread& thread, ProcessId target, SignalNumber number) {
    if (target.value <= 0)
        return fail(Error::invalid_argument);
    const Signal signal = TRY(to_signal(number, true));
    const Ref<thread::Thread> found = process::find_thread(target.value);
    Ref<process::Process> owner;
    if (found) {
        SpinlockGuard guard(process::tree_lock);
        owner = Ref<process::Process>::share(found->process);
    }
    if (!owner)
        return fail(Error::no_process);
    if (!process::may_signal(*thread.process, *owner, signal))
        return fail(Error::not_permitted);
    if (signal != Signal::none)
        process::send(*found, from_caller(thread, signal, SignalSource::thread));
    return {};
}

} // namespace abi::rtthread
