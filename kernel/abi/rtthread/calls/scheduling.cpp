#include "abi/rtthread/calls/scheduling.hpp"

#include "abi/rtthread/calls/creation.hpp"
#include "abi/rtthread/object/mutex.hpp"
#include "abi/rtthread/object/thread_object.hpp"
#include "process/table.hpp"
#include "thread/scheduler.hpp"

namespace abi::rtthread {
namespace {

using memory::UserPtr;

constexpr std::int32_t which_process = 0; // PRIO_PROCESS
constexpr std::uint64_t self_word = 0xff;
constexpr std::int32_t policy_other = 0, policy_fifo = 1, policy_round_robin = 2;

bool is_ours(const thread::Thread& thread) {
    return thread.personality == &personality || thread.personality == &personality_5_0;
}

/// A thread of the caller's process; 0: the caller. Errors: no_process, not_permitted (of another process, which may
/// become another program at any time).
Result<Ref<thread::Thread>> find_thread(thread::Thread& thread, std::int32_t id) {
    if (id == 0)
        return Ref<thread::Thread>::share(&thread);
    Ref<thread::Thread> found = process::find_thread(id);
    if (!found)
        return fail(Error::no_process);
    SpinlockGuard guard(process::tree_lock);
    if (!is_ours(*found) || !found->process)
        return fail(Error::no_process);
    if (found->process != thread.process)
        return fail(Error::not_permitted);
    return found;
}

Result<Priority> to_priority(std::int32_t value) {
    if (value < 0 || value >= static_cast<std::int32_t>(priority_count))
        return fail(Error::invalid_argument);
    return static_cast<Priority>(value);
}

Result<Ref<thread::Thread>> find_by_word(thread::Thread& thread, std::int32_t which, std::uint64_t who) {
    if (which != which_process)
        return fail(Error::invalid_argument);
    if (who == 0 || who == self_word)
        return Ref<thread::Thread>::share(&thread);
    if (const auto object = find<ThreadObject>(thread, who))
        return find_thread(thread, (*object)->id);
    return find_thread(thread, static_cast<std::int32_t>(who));
}

} // namespace

Result<std::int32_t> sys_getpriority(thread::Thread& thread, std::int32_t which, std::uint64_t who) {
    return state_of(*TRY(find_by_word(thread, which, who))).base_priority;
}

Result<> sys_setpriority(thread::Thread& thread, std::int32_t which, std::uint64_t who, std::int32_t priority) {
    const Priority wanted = TRY(to_priority(priority));
    change_base_priority(state_of(*TRY(find_by_word(thread, which, who))), wanted);
    return {};
}

Result<> sys_sched_setparam(thread::Thread& thread, ProcessId id, UserPtr<const SchedulingParameter> value) {
    const Priority wanted = TRY(to_priority(TRY(value.read()).priority));
    change_base_priority(state_of(*TRY(find_thread(thread, id.value))), wanted);
    return {};
}

Result<> sys_sched_getparam(thread::Thread& thread, ProcessId id, UserPtr<SchedulingParameter> value) {
    return value.write({state_of(*TRY(find_thread(thread, id.value))).base_priority});
}

namespace {

Result<> check_policy(std::int32_t policy) {
    return policy == policy_other || policy == policy_fifo || policy == policy_round_robin
               ? Result<>()
               : fail(Error::invalid_argument);
}

} // namespace

Result<std::int32_t> sys_sched_get_priority_max(std::int32_t policy) {
    TRY(check_policy(policy));
    return static_cast<std::int32_t>(priority_count - 1);
}

Result<std::int32_t> sys_sched_get_priority_min(std::int32_t policy) {
    TRY(check_policy(policy));
    return 0;
}

Result<> sys_sched_setscheduler(
    thread::Thread& thread, ProcessId id, std::int32_t policy, UserPtr<const SchedulingParameter> value) {
    TRY(check_policy(policy));
    return sys_sched_setparam(thread, id, value);
}

Result<> sys_sched_getscheduler(
    thread::Thread& thread, ProcessId id, UserPtr<std::int32_t> policy, UserPtr<SchedulingParameter> value) {
    TRY(sys_sched_getparam(thread, id, value));
    return policy.write(policy_round_robin);
}

Result<> sys_sched_setaffinity(thread::Thread& thread, ProcessId id, std::uint64_t bytes, UserAddr set) {
    std::uint64_t cpus = 0;
    TRY(memory::copy_in(&cpus, set, std::min(bytes, sizeof(cpus))));
    return thread::set_affinity(*TRY(find_thread(thread, id.value)), static_cast<std::uint32_t>(cpus));
}

Result<std::int64_t> sys_sched_getaffinity(thread::Thread& thread, ProcessId id, std::uint64_t bytes, UserAddr set) {
    if (bytes < sizeof(std::uint64_t))
        return fail(Error::invalid_argument);
    const std::uint64_t existing = (std::uint64_t{1} << thread::cpu_count()) - 1;
    const std::uint64_t cpus = TRY(find_thread(thread, id.value))->affinity & existing;
    TRY(memory::copy_out(set, &cpus, sizeof(cpus)));
    return sizeof(cpus);
}

Result<> sys_sched_yield() {
    thread::yield();
    return {};
}

} // namespace abi::rtthread
