#include "abi/linux/calls/ids.hpp"

#include "abi/linux/calls/legacy_process.hpp"
#include "abi/linux/time_values.hpp"
#include "abi/linux/usage_values.hpp"
#include "memory/address_space.hpp"
#include "process/lifecycle.hpp"
#include "process/table.hpp"
#include "thread/scheduler.hpp"

#include <algorithm>
#include <cstring>
#include <linux/prctl.h>

namespace abi::linux {
namespace {

using process::Credentials;
using process::Limit;
using process::Process;
using process::Resource;

/// The process that an argument means; 0: the caller's. Errors: no_process.
Result<Ref<Process>> find(thread::Thread& thread, ProcessId id) {
    Ref<Process> found = id.value == 0 ? Ref<Process>::share(thread.process) : process::find_process(id.value);
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

Result<> sys_setpgid(thread::Thread& thread, ProcessId process, ProcessId group) {
    if (group.value < 0)
        return fail(Error::invalid_argument);
    return process::set_group(*thread.process, process.value, group.value);
}

Result<std::int32_t> sys_getpgid(thread::Thread& thread, ProcessId process) {
    return TRY(find(thread, process))->group_id.load();
}

Result<std::int32_t> sys_getpgrp(thread::Thread& thread) {
    return thread.process->group_id.load();
}

Result<std::int32_t> sys_getsid(thread::Thread& thread, ProcessId process) {
    return TRY(find(thread, process))->session_id.load();
}

Result<std::int32_t> sys_setsid(thread::Thread& thread) {
    TRY(process::start_session(*thread.process));
    return thread.process->id;
}

namespace {

/// Fault counts and peak size of the memory that the process has now.
void add_memory(process::Usage& usage, Process& process) {
    if (const Ref<memory::AddressSpace> space = process.address_space_of()) {
        usage.minor_faults += space->fault_count();
        usage.max_resident_pages = std::max(usage.max_resident_pages, space->peak_resident_pages());
    }
}

process::Usage usage_of_children(Process& process) {
    SpinlockGuard guard(process::tree_lock);
    return process.children_usage;
}

constexpr std::int64_t ticks_per_second = 100;

__kernel_clock_t to_ticks(thread::Time time) {
    return static_cast<__kernel_clock_t>(time / (nanoseconds_per_second / ticks_per_second));
}

} // namespace

Result<> sys_getrusage(thread::Thread& thread, std::int32_t who, UserPtr<struct rusage> usage) {
    process::Usage found;
    switch (who) {
    case RUSAGE_SELF:
        found = process::usage_of(*thread.process);
        add_memory(found, *thread.process);
        break;
    case RUSAGE_CHILDREN:
        found = usage_of_children(*thread.process);
        break;
    case RUSAGE_THREAD:
        found = {.user = thread.user_time, .system = thread.system_time};
        break;
    default:
        return fail(Error::invalid_argument);
    }
    return usage.write(to_rusage(found));
}

Result<std::int64_t> sys_times(thread::Thread& thread, UserPtr<struct tms> times) {
    if (times) {
        const process::Usage own = process::usage_of(*thread.process);
        const process::Usage children = usage_of_children(*thread.process);
        TRY(times.write({
            .tms_utime = to_ticks(own.user),
            .tms_stime = to_ticks(own.system),
            .tms_cutime = to_ticks(children.user),
            .tms_cstime = to_ticks(children.system),
        }));
    }
    return to_ticks(thread::now());
}

namespace {

/// Reads, and sets when there is something to set. Errors: invalid_argument, not_permitted.
Result<Limit> exchange_limit(Process& caller, Process& process, std::uint32_t resource, const Limit* wanted) {
    if (resource >= process::resource_count)
        return fail(Error::invalid_argument);
    if (wanted && wanted->soft > wanted->hard)
        return fail(Error::invalid_argument);
    const bool may_raise = caller.credentials_of().is_root();
    SpinlockGuard guard(process.lock);
    Limit& limit = process.limits[static_cast<Resource>(resource)];
    const Limit former = limit;
    if (wanted) {
        if (wanted->hard > former.hard && !may_raise)
            return fail(Error::not_permitted);
        limit = *wanted;
    }
    return former;
}

/// Limits that the address space itself keeps.
void apply_limits(Process& process) {
    const Limit size = process.limit(Resource::address_space), stack = process.limit(Resource::stack),
                data = process.limit(Resource::data);
    if (const Ref<memory::AddressSpace> space = process.address_space_of()) {
        space->limit_pages = size.soft == Limit::unlimited ? size.soft : size.soft / page_size;
        space->stack_limit = stack.soft;
        space->break_limit = data.soft;
    }
}

} // namespace

Result<> sys_prlimit64(
    thread::Thread& thread, ProcessId id, std::uint32_t resource, UserPtr<const struct rlimit64> wanted,
    UserPtr<struct rlimit64> former) {
    Limit limit;
    if (wanted) {
        const struct rlimit64 in = TRY(wanted.read());
        limit = {.soft = in.rlim_cur, .hard = in.rlim_max};
    }
    Process& caller = *thread.process;
    const Ref<Process> target = TRY(find(thread, id));
    const Credentials own = caller.credentials_of(), theirs = target->credentials_of();
    if (target.get() != &caller && !own.is_root() && own.user != theirs.user)
        return fail(Error::not_permitted);
    const Limit old = TRY(exchange_limit(caller, *target, resource, wanted ? &limit : nullptr));
    if (wanted)
        apply_limits(*target);
    return former ? former.write({.rlim_cur = old.soft, .rlim_max = old.hard}) : Result<>();
}

Result<> sys_getrlimit(thread::Thread& thread, std::uint32_t resource, UserPtr<struct rlimit> limit) {
    const Limit found = TRY(exchange_limit(*thread.process, *thread.process, resource, nullptr));
    return limit.write({.rlim_cur = found.soft, .rlim_max = found.hard});
}

Result<> sys_setrlimit(thread::Thread& thread, std::uint32_t resource, UserPtr<const struct rlimit> limit) {
    const struct rlimit in = TRY(limit.read());
    const Limit wanted{.soft = in.rlim_cur, .hard = in.rlim_max};
    TRY(exchange_limit(*thread.process, *thread.process, resource, &wanted));
    apply_limits(*thread.process);
    return {};
}

namespace {

constexpr int least_nice = -20, most_nice = 19;

/// A nicer process gets shorter slices; equals take turns. 4 ms at 0, 8 ms at -20, the tick's 4 ms at least.
void set_nice(Process& process, int nice) {
    SpinlockGuard guard(process::tree_lock);
    process.nice = static_cast<std::int8_t>(nice);
    const auto bonus = static_cast<thread::Time>(nice < 0 ? -nice : 0);
    for (thread::Thread& thread : process.threads)
        thread.slice_length = thread::tick_length + thread::tick_length * bonus / 20;
}

/// Calls visit(Process&) for each process that `which` and `who` mean. Errors: invalid_argument, no_process.
template <typename Visit>
Result<> for_each_meant(thread::Thread& thread, std::int32_t which, std::int32_t who, Visit visit) {
    bool any = false;
    const std::int32_t group = who == 0 ? thread.process->group_id.load() : who;
    const std::uint32_t user = who == 0 ? thread.process->credentials_of().user : static_cast<std::uint32_t>(who);
    if (which != PRIO_PROCESS && which != PRIO_PGRP && which != PRIO_USER)
        return fail(Error::invalid_argument);
    if (which == PRIO_PROCESS) {
        visit(*TRY(find(thread, {who})));
        return {};
    }
    process::for_each_process([&](Process& process) {
        const bool meant =
            which == PRIO_PGRP ? process.group_id.load() == group : process.credentials_of().user == user;
        if (meant) {
            any = true;
            visit(process);
        }
    });
    return any ? Result<>() : fail(Error::no_process);
}

} // namespace

Result<std::int32_t> sys_getpriority(thread::Thread& thread, std::int32_t which, ProcessId who) {
    int lowest = most_nice;
    TRY(for_each_meant(
        thread, which, who.value, [&](Process& process) { lowest = process.nice < lowest ? process.nice : lowest; }));
    return 20 - lowest;
}

Result<> sys_setpriority(thread::Thread& thread, std::int32_t which, ProcessId who, std::int32_t priority) {
    const int nice = std::clamp(priority, least_nice, most_nice);
    const Credentials own = thread.process->credentials_of();
    Result<> outcome;
    TRY(for_each_meant(thread, which, who.value, [&](Process& process) {
        const std::uint32_t owner = process.credentials_of().user;
        if (!own.is_root() && own.user != owner && own.effective_user != owner)
            outcome = fail(Error::not_permitted);
        else if (nice < process.nice && !own.is_root())
            outcome = fail(Error::access_denied);
        else
            set_nice(process, nice);
    }));
    return outcome;
}

Result<std::uint64_t> sys_personality(std::uint32_t persona) {
    // Only the plain Linux personality is there; 0xffffffff asks.
    if (persona != 0xffff'ffff && persona != 0)
        return fail(Error::invalid_argument);
    return 0;
}

} // namespace abi::linux
