#include "abi/linux/calls/process.hpp"

#include "abi/linux/calls/legacy_process.hpp"
#include "abi/linux/signals.hpp"
#include "abi/linux/thread_state.hpp"
#include "abi/linux/usage_values.hpp"
#include "memory/address_space.hpp"
#include "process/lifecycle.hpp"
#include "process/table.hpp"

#include <cstring>
#include <linux/futex.h>
#include <linux/wait.h>
#include <linux_isa/program.hpp>

namespace abi::linux {
namespace {

using process::ChildEvent;
using process::CloneRequest;
using process::Id;
using process::Signal;
using process::WaitFor;
using process::WaitResult;

/// clone's arguments in whatever form they came.
struct CloneArguments {
    std::uint64_t flags = 0;
    std::uint64_t exit_signal = 0;
    std::uintptr_t stack_pointer = 0;
    UserAddr parent_tid{}, child_tid{};
    std::uintptr_t thread_pointer = 0;
};

constexpr std::uint64_t new_namespaces =
    CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
/// Flags that change nothing here: no tracing, no System V semaphores, one I/O queue.
constexpr std::uint64_t without_effect =
    CLONE_PTRACE | CLONE_UNTRACED | CLONE_DETACHED | CLONE_SYSVSEM | CLONE_IO | CLONE_INTO_CGROUP;

/// Linux's checks, in its order.
Result<> check_clone(const CloneArguments& arguments) {
    const std::uint64_t flags = arguments.flags;
    const auto has = [&](std::uint64_t bits) { return (flags & bits) == bits; };
    if (has(CLONE_NEWNS | CLONE_FS) || has(CLONE_NEWUSER | CLONE_FS))
        return fail(Error::invalid_argument);
    if (has(CLONE_THREAD) && !has(CLONE_SIGHAND))
        return fail(Error::invalid_argument);
    if (has(CLONE_SIGHAND) && !has(CLONE_VM))
        return fail(Error::invalid_argument);
    if (has(CLONE_SIGHAND | CLONE_CLEAR_SIGHAND))
        return fail(Error::invalid_argument);
    if (flags & (new_namespaces | CLONE_PIDFD | (CLONE_INTO_CGROUP & ~without_effect)))
        return fail(Error::invalid_argument);
    if (arguments.exit_signal > process::signal_count)
        return fail(Error::invalid_argument);
    return {};
}

CloneRequest to_request(const CloneArguments& arguments) {
    const auto has = [&](std::uint64_t bit) { return (arguments.flags & bit) != 0; };
    return {
        .share_memory = has(CLONE_VM),
        .share_files = has(CLONE_FILES),
        .share_directory = has(CLONE_FS),
        .share_actions = has(CLONE_SIGHAND),
        .same_process = has(CLONE_THREAD),
        .same_parent = has(CLONE_PARENT) || has(CLONE_THREAD),
        .suspend_caller = has(CLONE_VFORK),
        .clear_handlers = has(CLONE_CLEAR_SIGHAND),
        .exit_signal = static_cast<Signal>(arguments.exit_signal),
        .stack_pointer = arguments.stack_pointer,
        .set_thread_pointer = has(CLONE_SETTLS),
        .thread_pointer = arguments.thread_pointer,
    };
}

Result<std::int32_t> do_clone(thread::Thread& thread, const CloneArguments& arguments) {
    TRY(check_clone(arguments));
    const CloneRequest request = to_request(arguments);
    Ref<thread::Thread> child = TRY(process::clone(thread, request));
    Convention::set_result(*child, *child->frame, 0);
    const auto id = static_cast<std::int32_t>(child->id);
    // Linux ignores failures of these stores too.
    if (arguments.flags & CLONE_PARENT_SETTID)
        static_cast<void>(UserPtr<std::int32_t>(arguments.parent_tid).write(id));
    if (arguments.flags & CLONE_CHILD_SETTID)
        static_cast<void>(
            child->address_space->write_foreign(arguments.child_tid.value, std::as_bytes(std::span(&id, 1))));
    if (arguments.flags & CLONE_CHILD_CLEARTID)
        state_of(*child).clear_child_tid = arguments.child_tid;
    return process::launch(*child, request);
}

} // namespace

Result<std::int32_t> sys_clone(
    thread::Thread& thread, std::uint64_t flags, UserAddr stack, UserAddr parent_tid, UserAddr fourth, UserAddr fifth) {
    const UserAddr child_tid = isa::clone_takes_tls_first ? fifth : fourth;
    const UserAddr tls = isa::clone_takes_tls_first ? fourth : fifth;
    return do_clone(
        thread, {
                    .flags = flags & 0xffff'ffff & ~std::uint64_t{CSIGNAL},
                    .exit_signal = flags & CSIGNAL,
                    .stack_pointer = stack.value,
                    .parent_tid = parent_tid,
                    .child_tid = child_tid,
                    .thread_pointer = tls.value,
                });
}

Result<std::int32_t> sys_clone3(thread::Thread& thread, UserAddr address, std::size_t size) {
    if (size > page_size)
        return fail(Error::too_big);
    if (size < CLONE_ARGS_SIZE_VER0)
        return fail(Error::invalid_argument);
    struct clone_args wanted;
    std::memset(&wanted, 0, sizeof(wanted));
    const std::size_t known = size < sizeof(wanted) ? size : sizeof(wanted);
    TRY(memory::copy_in(&wanted, address, known));
    // What a newer program says beyond what is known here must be zero.
    for (std::size_t at = known; at < size; ++at)
        if (TRY(UserPtr<const std::uint8_t>(address + at).read()) != 0)
            return fail(Error::too_big);
    if (wanted.set_tid_size != 0 || (wanted.flags & CLONE_INTO_CGROUP))
        return fail(Error::invalid_argument);
    if ((wanted.flags & (CSIGNAL & ~std::uint64_t{CLONE_NEWTIME})) || (wanted.flags & (CLONE_DETACHED | CLONE_NEWTIME)))
        return fail(Error::invalid_argument);
    if ((wanted.flags & (CLONE_THREAD | CLONE_PARENT)) && wanted.exit_signal != 0)
        return fail(Error::invalid_argument);
    if ((wanted.stack == 0) != (wanted.stack_size == 0) || !memory::is_user_range(wanted.stack, wanted.stack_size))
        return fail(Error::invalid_argument);
    return do_clone(
        thread, {
                    .flags = wanted.flags,
                    .exit_signal = wanted.exit_signal,
                    .stack_pointer = wanted.stack + wanted.stack_size,
                    .parent_tid = {wanted.parent_tid},
                    .child_tid = {wanted.child_tid},
                    .thread_pointer = wanted.tls,
                });
}

Result<std::int32_t> sys_fork(thread::Thread& thread) {
    return do_clone(thread, {.exit_signal = static_cast<std::uint64_t>(Signal::child)});
}

Result<std::int32_t> sys_vfork(thread::Thread& thread) {
    return do_clone(
        thread, {.flags = CLONE_VM | CLONE_VFORK, .exit_signal = static_cast<std::uint64_t>(Signal::child)});
}

Result<> sys_exit(std::int32_t status) {
    process::exit_thread(static_cast<std::uint8_t>(status));
}

Result<> sys_exit_group(std::int32_t status) {
    process::exit_process({ChildEvent::exited, static_cast<std::uint8_t>(status)});
}

namespace {

/// wait4's status word (wait(2)).
std::int32_t encode_status(const WaitResult& result) {
    switch (result.event) {
    case ChildEvent::exited:
        return (result.value & 0xff) << 8;
    case ChildEvent::killed:
        return result.value;
    case ChildEvent::dumped:
        return result.value | 0x80;
    case ChildEvent::stopped:
    case ChildEvent::trapped:
        return result.value << 8 | 0x7f;
    case ChildEvent::continued:
        return 0xffff;
    }
    return 0;
}

void set_kinds(WaitFor& whom, std::uint32_t options) {
    whom.no_hang = (options & WNOHANG) != 0;
    whom.clones = (options & __WCLONE) != 0;
    whom.all = (options & __WALL) != 0;
}

} // namespace

Result<std::int32_t> sys_wait4(
    thread::Thread& thread, ProcessId pid, UserPtr<std::int32_t> status, Flags options, UserPtr<struct rusage> usage) {
    constexpr std::uint32_t known = WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL;
    if (options.bits & ~known)
        return fail(Error::invalid_argument);
    if (pid.value == std::numeric_limits<std::int32_t>::min())
        return fail(Error::no_process);
    WaitFor whom;
    if (pid.value > 0)
        whom = {.who = WaitFor::Who::process, .id = pid.value};
    else if (pid.value != -1)
        whom = {.who = WaitFor::Who::group, .id = pid.value == 0 ? thread.process->group_id.load() : -pid.value};
    whom.stopped = (options.bits & WUNTRACED) != 0;
    whom.continued = (options.bits & WCONTINUED) != 0;
    set_kinds(whom, options.bits);
    const WaitResult result = TRY(process::wait(*thread.process, whom));
    if (result.id == 0)
        return 0;
    if (status)
        TRY(status.write(encode_status(result)));
    if (usage)
        TRY(usage.write(to_rusage(result.usage)));
    return result.id;
}

namespace {

Result<WaitFor> decode_waitid(thread::Thread& thread, std::int32_t which, std::int32_t id, std::uint32_t options) {
    constexpr std::uint32_t events = WEXITED | WSTOPPED | WCONTINUED;
    constexpr std::uint32_t known = events | WNOHANG | WNOWAIT | __WNOTHREAD | __WCLONE | __WALL;
    if ((options & ~known) || !(options & events))
        return fail(Error::invalid_argument);
    WaitFor whom{.ended = (options & WEXITED) != 0};
    whom.stopped = (options & WSTOPPED) != 0;
    whom.continued = (options & WCONTINUED) != 0;
    whom.keep = (options & WNOWAIT) != 0;
    set_kinds(whom, options);
    switch (which) {
    case P_ALL:
        return whom;
    case P_PID:
        whom.who = WaitFor::Who::process;
        whom.id = id;
        if (id <= 0)
            return fail(Error::invalid_argument);
        return whom;
    case P_PGID:
        whom.who = WaitFor::Who::group;
        whom.id = id == 0 ? thread.process->group_id.load() : id;
        if (id < 0)
            return fail(Error::invalid_argument);
        return whom;
    default:
        return fail(Error::invalid_argument);
    }
}

} // namespace

Result<> sys_waitid(
    thread::Thread& thread, std::int32_t which, ProcessId id, UserPtr<siginfo_t> info, Flags options,
    UserPtr<struct rusage> usage) {
    const WaitFor whom = TRY(decode_waitid(thread, which, id.value, options.bits));
    const WaitResult result = TRY(process::wait(*thread.process, whom));
    siginfo_t out;
    std::memset(&out, 0, sizeof(out));
    if (result.id != 0) {
        out = to_siginfo({
            .signal = Signal::child,
            .source = process::SignalSource::child,
            .child = result.event,
            .status = result.value,
            .sender = result.id,
            .user = result.user,
        });
        if (usage)
            TRY(usage.write(to_rusage(result.usage)));
    }
    // Only the members that waitid() sets are written, as on Linux.
    constexpr std::size_t written = offsetof(siginfo_t, si_status) + sizeof(out.si_status);
    return info ? memory::copy_out(info.address(), &out, written) : Result<>();
}

Result<std::uint64_t> sys_set_tid_address(thread::Thread& thread, UserAddr address) {
    state_of(thread).clear_child_tid = address;
    return thread.id;
}

Result<> sys_set_robust_list(thread::Thread& thread, UserAddr head, std::size_t size) {
    if (size != sizeof(struct robust_list_head))
        return fail(Error::invalid_argument);
    state_of(thread).robust_list = head;
    return {};
}

Result<>
sys_get_robust_list(thread::Thread& thread, ProcessId pid, UserPtr<std::uint64_t> head, UserPtr<std::uint64_t> size) {
    std::uint64_t address = 0;
    if (pid.value == 0 || static_cast<std::uint32_t>(pid.value) == thread.id) {
        address = state_of(thread).robust_list.value;
    } else {
        const Ref<thread::Thread> other = process::find_thread(pid.value);
        if (!other)
            return fail(Error::no_process);
        if (other->personality != thread.personality)
            return fail(Error::not_permitted);
        address = state_of(*other).robust_list.value;
    }
    TRY(size.write(sizeof(struct robust_list_head)));
    return head.write(address);
}

} // namespace abi::linux
