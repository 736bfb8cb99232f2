#include "abi/linux/calls/scheduling.hpp"

#include "abi/linux/time_values.hpp"
#include "process/table.hpp"
#include "thread/cpu.hpp"
#include "thread/scheduler.hpp"

#include <linux/sched.h>

namespace abi::linux {
namespace {

/// 0: the caller. Errors: no_process, invalid_argument (negative).
Result<Ref<thread::Thread>> find(thread::Thread& thread, ProcessId target) {
    if (target.value < 0)
        return fail(Error::invalid_argument);
    Ref<thread::Thread> found =
        target.value == 0 ? Ref<thread::Thread>::share(&thread) : process::find_thread(target.value);
    if (!found)
        return fail(Error::no_process);
    return found;
}

/// Errors as find().
Result<> require(thread::Thread& thread, ProcessId target) {
    const Ref<thread::Thread> found = TRY(find(thread, target));
    return {};
}

constexpr bool is_real_time(std::int32_t policy) {
    return policy == SCHED_FIFO || policy == SCHED_RR;
}
constexpr bool is_ordinary(std::int32_t policy) {
    return policy == SCHED_NORMAL || policy == SCHED_BATCH || policy == SCHED_IDLE;
}

} // namespace

Result<> sys_sched_yield() {
    thread::yield();
    return {};
}

Result<> sys_sched_setaffinity(thread::Thread& thread, ProcessId target, std::uint32_t size, UserAddr mask) {
    std::uint64_t cpus = 0; // Linux's mask has whole words too; no CPU has a higher number
    TRY(memory::copy_in(&cpus, mask, size < sizeof(cpus) ? size : sizeof(cpus)));
    const Ref<thread::Thread> found = TRY(find(thread, target));
    return thread::set_affinity(*found, static_cast<std::uint32_t>(cpus));
}

Result<std::int64_t>
sys_sched_getaffinity(thread::Thread& thread, ProcessId target, std::uint32_t size, UserAddr mask) {
    if (size < sizeof(std::uint64_t) || size % sizeof(std::uint64_t) != 0)
        return fail(Error::invalid_argument);
    const Ref<thread::Thread> found = TRY(find(thread, target));
    const std::uint64_t existing = (std::uint64_t{1} << thread::cpu_count()) - 1;
    const std::uint64_t cpus = found->affinity & existing;
    TRY(memory::copy_out(mask, &cpus, sizeof(cpus)));
    return sizeof(cpus);
}

Result<std::int32_t> sys_sched_getscheduler(thread::Thread& thread, ProcessId target) {
    TRY(require(thread, target));
    return SCHED_NORMAL;
}

Result<> sys_sched_setscheduler(
    thread::Thread& thread, ProcessId target, std::int32_t policy, UserPtr<const SchedulingParameter> parameter) {
    if (policy < 0 || !parameter)
        return fail(Error::invalid_argument);
    const SchedulingParameter in = TRY(parameter.read());
    TRY(require(thread, target));
    const std::int32_t plain = policy & ~SCHED_RESET_ON_FORK;
    if (is_ordinary(plain) && in.priority == 0)
        return {};
    return fail(
        is_real_time(plain) && in.priority >= 1 && in.priority <= 99 ? Error::not_permitted : Error::invalid_argument);
}

Result<> sys_sched_getparam(thread::Thread& thread, ProcessId target, UserPtr<SchedulingParameter> parameter) {
    if (!parameter)
        return fail(Error::invalid_argument);
    TRY(require(thread, target));
    return parameter.write({0});
}

Result<> sys_sched_setparam(thread::Thread& thread, ProcessId target, UserPtr<const SchedulingParameter> parameter) {
    if (!parameter)
        return fail(Error::invalid_argument);
    const SchedulingParameter in = TRY(parameter.read());
    TRY(require(thread, target));
    return in.priority == 0 ? Result<>() : fail(Error::invalid_argument);
}

Result<std::int32_t> sys_sched_get_priority_max(std::int32_t policy) {
    if (is_real_time(policy))
        return 99;
    return is_ordinary(policy) || policy == SCHED_DEADLINE ? Result<std::int32_t>(0) : fail(Error::invalid_argument);
}

Result<std::int32_t> sys_sched_get_priority_min(std::int32_t policy) {
    if (is_real_time(policy))
        return 1;
    return is_ordinary(policy) || policy == SCHED_DEADLINE ? Result<std::int32_t>(0) : fail(Error::invalid_argument);
}

Result<> sys_sched_rr_get_interval(thread::Thread& thread, ProcessId target, UserPtr<__kernel_timespec> interval) {
    const Ref<thread::Thread> found = TRY(find(thread, target));
    return interval.write(to_timespec(found->slice_length));
}

} // namespace abi::linux
