// prctl and capabilities.

#include "abi/linux/calls/ids.hpp"
#include "process/table.hpp"
#include "thread/scheduler.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <linux/prctl.h>

namespace abi::linux {
namespace {

using process::Credentials;
using process::Process;
using process::Signal;

constexpr std::uint64_t last_capability = CAP_CHECKPOINT_RESTORE;
constexpr std::int64_t standard_timer_slack = 50'000; // ns

Result<> set_name(thread::Thread& thread, UserAddr from) {
    std::array<char, sizeof(thread.name)> name;
    for (std::size_t i = 0; i < name.size(); ++i) {
        name[i] = TRY(UserPtr<const char>(from + i).read());
        if (name[i] == 0 || i + 1 == name.size()) {
            thread::set_name(thread, {name.data(), i});
            break;
        }
    }
    return {};
}

Result<> set_death_signal(Process& process, std::uint64_t number) {
    if (number > process::signal_count)
        return fail(Error::invalid_argument);
    SpinlockGuard guard(process::tree_lock);
    process.parent_death_signal = static_cast<Signal>(number);
    return {};
}

std::int32_t death_signal(Process& process) {
    SpinlockGuard guard(process::tree_lock);
    return static_cast<std::int32_t>(process.parent_death_signal);
}

Result<> set_no_new_privileges(Process& process, bool asked_properly) {
    if (!asked_properly)
        return fail(Error::invalid_argument);
    SpinlockGuard guard(process.lock);
    process.credentials.no_new_privileges = true;
    return {};
}

void set_subreaper(Process& process, bool on) {
    SpinlockGuard guard(process::tree_lock);
    process.adopts_orphans = on;
}

std::int32_t is_subreaper(Process& process) {
    SpinlockGuard guard(process::tree_lock);
    return process.adopts_orphans;
}

/// A Result<> as prctl's return value.
Result<std::int64_t> zero(Result<> done) {
    if (!done)
        return fail(done.error());
    return 0;
}

} // namespace

Result<std::int64_t> sys_prctl(
    thread::Thread& thread, std::int32_t option, std::uint64_t second, std::uint64_t third, std::uint64_t fourth,
    std::uint64_t fifth) {
    Process& process = *thread.process;
    const bool rest_is_zero = third == 0 && fourth == 0 && fifth == 0;
    switch (option) {
    case PR_SET_NAME:
        return zero(set_name(thread, {second}));
    case PR_GET_NAME:
        return zero(memory::copy_out({second}, thread.name, sizeof(thread.name)));
    case PR_SET_PDEATHSIG:
        return zero(set_death_signal(process, second));
    case PR_GET_PDEATHSIG:
        return zero(UserPtr<std::int32_t>({second}).write(death_signal(process)));
    case PR_GET_DUMPABLE:
        return process.dumpable;
    case PR_SET_DUMPABLE:
        if (second > 1)
            return fail(Error::invalid_argument);
        process.dumpable = second == 1;
        return 0;
    case PR_SET_NO_NEW_PRIVS:
        return zero(set_no_new_privileges(process, second == 1 && rest_is_zero));
    case PR_GET_NO_NEW_PRIVS:
        if (second != 0 || !rest_is_zero)
            return fail(Error::invalid_argument);
        return process.credentials_of().no_new_privileges;
    case PR_SET_CHILD_SUBREAPER:
        set_subreaper(process, second != 0);
        return 0;
    case PR_GET_CHILD_SUBREAPER:
        return zero(UserPtr<std::int32_t>({second}).write(is_subreaper(process)));
    case PR_CAPBSET_READ:
        if (second > last_capability)
            return fail(Error::invalid_argument);
        return 1;
    case PR_GET_TIMERSLACK:
        return standard_timer_slack;
    case PR_GET_SECCOMP:
        return 0;
    default:
        return fail(Error::invalid_argument);
    }
}

namespace {

using Header = struct __user_cap_header_struct;
using Data = struct __user_cap_data_struct;

/// How many Data the version means. An unknown version is answered with the newest one, and invalid_argument.
Result<std::size_t> check_version(UserPtr<Header> header, const Header& in) {
    switch (in.version) {
    case _LINUX_CAPABILITY_VERSION_1:
        return _LINUX_CAPABILITY_U32S_1;
    case _LINUX_CAPABILITY_VERSION_2:
    case _LINUX_CAPABILITY_VERSION_3:
        return _LINUX_CAPABILITY_U32S_3;
    default:
        TRY(header.write({.version = _LINUX_CAPABILITY_VERSION_3, .pid = in.pid}));
        return fail(Error::invalid_argument);
    }
}

} // namespace

Result<> sys_capget(thread::Thread& thread, UserPtr<Header> header, UserPtr<Data> data) {
    const Header in = TRY(header.read());
    const auto count = check_version(header, in);
    if (!count)
        return data || count.error() != Error::invalid_argument ? fail(count.error()) : Result<>(); // only a question
    if (!data)
        return {};
    if (in.pid < 0)
        return fail(Error::invalid_argument);
    const Ref<Process> target = in.pid == 0 ? Ref<Process>::share(thread.process) : process::find_process(in.pid);
    if (!target)
        return fail(Error::no_process);
    const Credentials who = target->credentials_of();
    for (std::size_t i = 0; i < *count; ++i) {
        const unsigned shift = static_cast<unsigned>(i) * 32;
        TRY((data + i).write({
            .effective = static_cast<std::uint32_t>(who.effective >> shift),
            .permitted = static_cast<std::uint32_t>(who.permitted >> shift),
            .inheritable = static_cast<std::uint32_t>(who.inheritable >> shift),
        }));
    }
    return {};
}

Result<> sys_capset(thread::Thread& thread, UserPtr<Header> header, UserPtr<const Data> data) {
    const Header in = TRY(header.read());
    const std::size_t count = TRY(check_version(header, in));
    if (in.pid != 0 && in.pid != thread.process->id)
        return fail(Error::not_permitted);
    std::uint64_t effective = 0, permitted = 0, inheritable = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const Data word = TRY((data + i).read());
        const unsigned shift = static_cast<unsigned>(i) * 32;
        effective |= std::uint64_t{word.effective} << shift;
        permitted |= std::uint64_t{word.permitted} << shift;
        inheritable |= std::uint64_t{word.inheritable} << shift;
    }
    Process& process = *thread.process;
    SpinlockGuard guard(process.lock);
    Credentials& who = process.credentials;
    const bool grows = (permitted & ~who.permitted) != 0 || (effective & ~permitted) != 0
                       || (inheritable & ~(who.inheritable | who.permitted)) != 0;
    if (grows)
        return fail(Error::not_permitted);
    who.effective = effective & Credentials::all_capabilities;
    who.permitted = permitted & Credentials::all_capabilities;
    who.inheritable = inheritable & Credentials::all_capabilities;
    return {};
}

} // namespace abi::linux
