#include "abi/rtthread/calls/process.hpp"

#include "abi/rtthread/new_program.hpp"
#include "abi/rtthread/paths.hpp"
#include "abi/rtthread/thread_state.hpp"
#include "process/lifecycle.hpp"
#include "process/table.hpp"

#include <new>
#include <rtthread_isa/registers.hpp>

namespace abi::rtthread {

using memory::UserPtr;
using process::ChildEvent;
using process::CloneRequest;
using process::WaitFor;
using process::WaitResult;

// The end

Result<> sys_exit(thread::Thread& thread, std::int32_t status) {
    const auto value = static_cast<std::uint8_t>(status);
    // Up to 5.0.x the end of the first thread is that of the process.
    if (generation_of(thread) == Generation::v5_0 && static_cast<process::Id>(thread.id) == thread.process->id)
        process::exit_process({ChildEvent::exited, value});
    process::exit_thread(value);
}

Result<> sys_exit_group(std::int32_t status) {
    process::exit_process({ChildEvent::exited, static_cast<std::uint8_t>(status)});
}

// Programs

namespace {

/// An array of strings, up to `most` of them or to its null. A null array is an empty one.
Result<> copy_strings(process::ArgumentBlock& block, UserAddr array, std::uint64_t most) {
    if (array.value == 0)
        return {};
    UserPtr<const std::uint64_t> at(array);
    for (std::uint64_t i = 0; i < most; ++i, at = at + 1) {
        const UserAddr text{TRY(at.read())};
        if (text.value == 0)
            return {};
        TRY(block.append(memory::UserString(text)));
        if (thread::current().work.load(std::memory_order_relaxed) & thread::work_exit)
            return fail(Error::restart); // killed: no need to copy the rest
    }
    return {};
}

constexpr std::uint64_t no_limit = ~std::uint64_t{0};

/// Path, program and strings, from the caller's memory.
Result<> fill(
    thread::Thread& thread, NewProgram& program, memory::UserString path, UserAddr arguments, std::uint64_t count,
    UserAddr environment) {
    program.name = TRY(path.read(program.path));
    if (program.name.empty())
        return fail(Error::not_found);
    const file::CurrentIdentity who;
    program.executable = TRY(file::look_up_executable({.place = *thread.process->directory, .who = who}, program.name));
    TRY(copy_strings(program.request.arguments, arguments, count));
    TRY(copy_strings(program.request.environment, environment, no_limit));
    program.request.isolate = thread.address_space->mode() == memory::EntryMode::trampoline;
    return {};
}

} // namespace

Result<std::int32_t> sys_exec(
    thread::Thread& thread, memory::UserString path, std::int32_t count, UserAddr arguments, UserAddr environment) {
    if (count < 0)
        return fail(Error::invalid_argument);
    const auto program = Ref<NewProgram>::adopt(new (std::nothrow) NewProgram);
    if (!program)
        return fail(Error::no_memory);
    TRY(fill(thread, *program, path, arguments, static_cast<std::uint32_t>(count), environment));
    return start_program(thread, *program);
}

Result<FrameReplaced>
sys_execve(thread::Thread& thread, memory::UserString path, UserAddr arguments, UserAddr environment) {
    {
        SpinlockGuard guard(process::tree_lock);
        if (thread.process->thread_count > 1) // only programs of one thread may
            return fail(Error::invalid_argument);
    }
    auto program = Ref<NewProgram>::adopt(new (std::nothrow) NewProgram);
    if (!program)
        return fail(Error::no_memory);
    TRY(fill(thread, *program, path, arguments, no_limit, environment));
    TRY(process::prepare(program->request, std::move(program->executable), program->name));
    TRY(process::commit(thread, program->request));
    return FrameReplaced();
}

// Children

namespace {

std::int32_t launch(const Ref<thread::Thread>& child, const CloneRequest& request) {
    Convention::set_result(*child, *child->frame, 0);
    return process::launch(*child, request);
}

/// clone()'s bits, Linux's.
enum CloneFlag : std::uint64_t {
    clone_memory = 0x100,
    clone_directory = 0x200,
    clone_files = 0x400,
    clone_thread = 0x10000,
    clone_semaphores = 0x40000,
    clone_set_tls = 0x80000,
    clone_set_parent_tid = 0x100000,
    clone_clear_child_tid = 0x200000,
    clone_needed = clone_memory | clone_directory | clone_files | clone_thread | clone_semaphores,
};

struct CloneArguments {
    std::uint64_t flags, stack, new_tid, tls, clear_tid, quit_function, start_arguments;
};

} // namespace

Result<std::int32_t> sys_fork(thread::Thread& thread) {
    const CloneRequest request{};
    return launch(TRY(process::clone(thread, request)), request);
}

Result<std::int32_t> sys_vfork(thread::Thread& thread) {
    return sys_fork(thread);
}

Result<std::int32_t> sys_clone(thread::Thread& thread, UserAddr address) {
    const CloneArguments arguments = TRY(UserPtr<const CloneArguments>(address).read());
    if ((arguments.flags & clone_needed) != clone_needed)
        return fail(Error::invalid_argument);
    const CloneRequest request{
        .share_memory = true,
        .share_files = true,
        .share_directory = true,
        .share_actions = true,
        .same_process = true,
        .stack_pointer = arguments.stack,
        .set_thread_pointer = (arguments.flags & clone_set_tls) != 0,
        .thread_pointer = arguments.tls,
    };
    const Ref<thread::Thread> child = TRY(process::clone(thread, request));
    const auto id = static_cast<std::int32_t>(child->id);
    if (arguments.flags & clone_set_parent_tid)
        if (auto written = UserPtr<std::int32_t>(UserAddr{arguments.new_tid}).write(id); !written) {
            process::abandon(*child);
            return fail(written.error());
        }
    if (arguments.flags & clone_clear_child_tid)
        state_of(*child).clear_child_tid = {arguments.clear_tid};
    return launch(child, request);
}

namespace {

/// wait()'s status word.
std::int32_t encode_status(const WaitResult& result) {
    switch (result.event) {
    case ChildEvent::exited:
        return result.value << 8;
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

constexpr std::uint32_t wait_no_hang = 1, wait_untraced = 2, wait_continued = 8;

} // namespace

Result<std::int32_t> sys_waitpid(thread::Thread& thread, ProcessId child, UserPtr<std::int32_t> status, Flags options) {
    if (options.bits & ~(wait_no_hang | wait_untraced | wait_continued))
        return fail(Error::invalid_argument);
    if (child.value == std::numeric_limits<std::int32_t>::min())
        return fail(Error::no_process);
    WaitFor whom;
    if (child.value > 0)
        whom = {.who = WaitFor::Who::process, .id = child.value};
    else if (child.value != -1)
        whom = {.who = WaitFor::Who::group, .id = child.value == 0 ? thread.process->group_id.load() : -child.value};
    whom.no_hang = (options.bits & wait_no_hang) != 0;
    whom.stopped = (options.bits & wait_untraced) != 0;
    whom.continued = (options.bits & wait_continued) != 0;
    // 5.0.x wants a place for the status; a child that is told of must not be lost on a bad one.
    if (status || generation_of(thread) == Generation::v5_0)
        TRY(status.write(TRY(UserPtr<const std::int32_t>(status.address()).read())));
    const WaitResult result = TRY(process::wait(*thread.process, whom));
    if (result.id != 0 && status)
        TRY(status.write(encode_status(result)));
    return result.id;
}

Result<std::int32_t>
sys_wait4(thread::Thread& thread, ProcessId child, UserPtr<std::int32_t> status, Flags options, UserAddr usage) {
    using Rusage = std::array<std::uint64_t, 18>;
    if (usage.value != 0)
        TRY(UserPtr<Rusage>(usage).write({}));
    return sys_waitpid(thread, child, status, options);
}

// Identity

namespace {

Result<Ref<process::Process>> find_process(thread::Thread& thread, ProcessId id) {
    auto found = id.value == 0 ? Ref<process::Process>::share(thread.process) : process::find_process(id.value);
    if (!found)
        return fail(Error::no_process);
    return found;
}

} // namespace

Result<std::int32_t> sys_getpid(thread::Thread& thread) {
    return thread.process->id;
}

Result<std::int32_t> sys_getppid(thread::Thread& thread) {
    return thread.process->parent_id.load(std::memory_order_relaxed);
}

Result<std::int32_t> sys_gettid(thread::Thread& thread) {
    return static_cast<std::int32_t>(thread.id);
}

Result<std::int32_t> sys_setsid(thread::Thread& thread) {
    TRY(process::start_session(*thread.process));
    return thread.process->id;
}

Result<> sys_setpgid(thread::Thread& thread, ProcessId process, ProcessId group) {
    if (group.value < 0)
        return fail(Error::invalid_argument);
    return process::set_group(*thread.process, process.value, group.value);
}

Result<std::int32_t> sys_getpgid(thread::Thread& thread, ProcessId process) {
    return TRY(find_process(thread, process))->group_id.load();
}

Result<std::int32_t> sys_getsid(thread::Thread& thread, ProcessId process) {
    return TRY(find_process(thread, process))->session_id.load();
}

Result<> sys_set_thread_area(thread::Thread& thread, UserAddr area) {
    InterruptGuard no_switch;
    arch::set_thread_pointer(*thread.frame, thread.registers, area.value, true);
    return {};
}

Result<std::uint32_t> sys_set_tid_address(thread::Thread& thread, UserAddr address) {
    state_of(thread).clear_child_tid = address;
    return thread.id;
}

constexpr std::uint64_t robust_head_bytes = 24;

Result<> sys_set_robust_list(thread::Thread& thread, UserAddr head, std::uint64_t bytes) {
    if (bytes != robust_head_bytes)
        return fail(Error::invalid_argument);
    state_of(thread).robust_list = head;
    return {};
}

Result<>
sys_get_robust_list(thread::Thread& thread, ProcessId id, UserPtr<std::uint64_t> head, UserPtr<std::uint64_t> bytes) {
    if (id.value != 0 && static_cast<std::uint32_t>(id.value) != thread.id) {
        const Ref<thread::Thread> other = process::find_thread(id.value);
        return fail(other ? Error::not_permitted : Error::no_process); // a thread's list is its own
    }
    TRY(bytes.write(robust_head_bytes));
    return head.write(state_of(thread).robust_list.value);
}

// Limits

namespace {

/// Errors: invalid_argument, not_permitted.
Result<process::Limit> exchange_limit(
    thread::Thread& thread, process::Process& process, std::uint32_t resource, const process::Limit* wanted) {
    if (resource >= process::resource_count || (wanted && wanted->soft > wanted->hard))
        return fail(Error::invalid_argument);
    const bool may_raise = thread.process->credentials_of().is_root();
    SpinlockGuard guard(process.lock);
    process::Limit& limit = process.limits[static_cast<process::Resource>(resource)];
    const process::Limit former = limit;
    if (wanted && wanted->hard > former.hard && !may_raise)
        return fail(Error::not_permitted);
    if (wanted)
        limit = *wanted;
    return former;
}

} // namespace

Result<> sys_prlimit64(
    thread::Thread& thread, ProcessId id, std::uint32_t resource, UserPtr<const process::Limit> wanted,
    UserPtr<process::Limit> former) {
    process::Limit fresh;
    if (wanted)
        fresh = TRY(wanted.read());
    const Ref<process::Process> target = TRY(find_process(thread, id));
    const process::Limit old = TRY(exchange_limit(thread, *target, resource, wanted ? &fresh : nullptr));
    return former ? former.write(old) : Result<>();
}

Result<> sys_getrlimit(thread::Thread& thread, std::uint32_t resource, UserPtr<process::Limit> limit) {
    return limit.write(TRY(exchange_limit(thread, *thread.process, resource, nullptr)));
}

Result<> sys_setrlimit(thread::Thread& thread, std::uint32_t resource, UserPtr<const process::Limit> limit) {
    const process::Limit wanted = TRY(limit.read());
    TRY(exchange_limit(thread, *thread.process, resource, &wanted));
    return {};
}

} // namespace abi::rtthread
