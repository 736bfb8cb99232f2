#include "abi/linux/calls/event.hpp"

#include "abi/linux/file_arguments.hpp"
#include "abi/linux/poll_events.hpp"
#include "abi/linux/signal_mask.hpp"
#include "abi/linux/thread_state.hpp"
#include "abi/linux/time_values.hpp"
#include "file/event_counter.hpp"
#include "file/watch_set.hpp"
#include "thread/wall_clock.hpp"

#include <linux/time.h>
#include <linux/timerfd.h>

namespace abi::linux {

namespace {

// eventfd(2): the flags have names only in the C library's header.
constexpr std::uint32_t eventfd_semaphore = 1;

} // namespace

Result<Descriptor> sys_eventfd2(std::uint32_t initial, Flags flags) {
    constexpr std::uint32_t known = eventfd_semaphore | O_CLOEXEC | O_NONBLOCK;
    if (flags.bits & ~known)
        return fail(Error::invalid_argument);
    std::uint32_t open_flags = to_open_flags(flags.bits & O_NONBLOCK) & file::open_nonblock;
    auto opened = TRY(file::create_event_counter(initial, flags.bits & eventfd_semaphore, open_flags));
    return add_descriptor(std::move(opened), flags.bits & O_CLOEXEC);
}

// Timers

namespace {

bool is_wall_clock(std::int32_t clock) {
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_ALARM;
}

Result<Ref<file::OpenFile>> timer_file(Descriptor descriptor) {
    auto opened = TRY(usable_file(descriptor));
    if (!opened->timer())
        return fail(Error::invalid_argument);
    return opened;
}

Itimerspec to_itimerspec(const file::TimerFile::Setting& setting) {
    thread::Time now = thread::now();
    Itimerspec result{};
    result.it_interval = to_timespec(setting.interval);
    if (setting.deadline != thread::never)
        result.it_value = to_timespec(setting.deadline > now ? setting.deadline - now : 1);
    return result;
}

} // namespace

Result<Descriptor> sys_timerfd_create(std::int32_t clock, Flags flags) {
    constexpr std::uint32_t known = TFD_CLOEXEC | TFD_NONBLOCK;
    bool monotonic = clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME || clock == CLOCK_BOOTTIME_ALARM;
    if ((flags.bits & ~known) || (!monotonic && !is_wall_clock(clock)))
        return fail(Error::invalid_argument);
    std::uint32_t open_flags = to_open_flags(flags.bits & TFD_NONBLOCK) & file::open_nonblock;
    Ref<file::TimerFile> made = TRY(file::TimerFile::create(open_flags));
    made->wall_clock_times = is_wall_clock(clock);
    return add_descriptor(std::move(made), flags.bits & TFD_CLOEXEC);
}

Result<> sys_timerfd_settime(
    Descriptor descriptor, Flags flags, memory::UserPtr<const Itimerspec> setting, memory::UserPtr<Itimerspec> old) {
    constexpr std::uint32_t known = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
    Itimerspec wanted = TRY(setting.read());
    if (flags.bits & ~known)
        return fail(Error::invalid_argument);
    file::TimerFile::Setting next;
    next.interval = TRY(to_time(wanted.it_interval));
    thread::Time value = TRY(to_time(wanted.it_value));
    auto opened = TRY(timer_file(descriptor));
    file::TimerFile& timer = *opened->timer();
    if (value == 0)
        next.deadline = thread::never;
    else if (!(flags.bits & TFD_TIMER_ABSTIME))
        next.deadline = after(thread::now(), value);
    else if (timer.wall_clock_times)
        next.deadline = value > thread::boot_time() ? value - thread::boot_time() : 0;
    else
        next.deadline = value;
    auto former = timer.set(next);
    return old ? old.write(to_itimerspec(former)) : Result<>{};
}

Result<> sys_timerfd_gettime(Descriptor descriptor, memory::UserPtr<Itimerspec> setting) {
    auto opened = TRY(timer_file(descriptor));
    return setting.write(to_itimerspec(opened->timer()->get()));
}

// Sets of watched files

namespace {

Result<Ref<file::OpenFile>> watch_set(Descriptor descriptor) {
    auto opened = TRY(open_file(descriptor));
    if (!opened->watch_set())
        return fail(Error::invalid_argument);
    return opened;
}

file::Watch to_watch(const struct epoll_event& event) {
    std::uint32_t bits = event.events;
    return {
        .events = from_poll_bits(bits),
        .edge = (bits & EPOLLET) != 0,
        .one_shot = (bits & EPOLLONESHOT) != 0,
        .data = event.data};
}

Result<std::int64_t> wait_for_events(Descriptor descriptor, UserAddr to, std::int32_t count, thread::Time deadline) {
    constexpr std::int32_t most = INT32_MAX / sizeof(struct epoll_event);
    constexpr std::int32_t at_once = 32;
    if (count <= 0 || count > most)
        return fail(Error::invalid_argument);
    if (!memory::is_user_range(to.value, static_cast<std::size_t>(count) * sizeof(struct epoll_event)))
        return fail(Error::bad_address);
    auto opened = TRY(watch_set(descriptor));
    file::Watch ready[at_once];
    auto room = static_cast<std::size_t>(count < at_once ? count : at_once);
    std::size_t found = TRY(opened->watch_set()->wait({ready, room}, deadline));
    for (std::size_t i = 0; i < found; ++i) {
        struct epoll_event event{};
        event.events = to_poll_bits(ready[i].events);
        event.data = ready[i].data;
        TRY(memory::copy_out(to + i * sizeof event, &event, sizeof event));
    }
    return static_cast<std::int64_t>(found);
}

} // namespace

Result<Descriptor> sys_epoll_create1(Flags flags) {
    if (flags.bits & ~std::uint32_t{EPOLL_CLOEXEC})
        return fail(Error::invalid_argument);
    Ref<file::WatchSet> made = TRY(file::WatchSet::create());
    return add_descriptor(std::move(made), flags.bits & EPOLL_CLOEXEC);
}

Result<> sys_epoll_ctl(Descriptor set, std::int32_t operation, Descriptor watched, UserAddr event) {
    struct epoll_event wanted{};
    if (operation != EPOLL_CTL_DEL)
        TRY(memory::copy_in(&wanted, event, sizeof wanted));
    auto opened = TRY(open_file(set));
    auto target = TRY(usable_file(watched));
    if (!opened->watch_set())
        return fail(Error::invalid_argument);
    file::WatchSet& watches = *opened->watch_set();
    switch (operation) {
    case EPOLL_CTL_ADD:
        return watches.add(*target, watched.value, to_watch(wanted));
    case EPOLL_CTL_MOD:
        return watches.change(*target, watched.value, to_watch(wanted));
    case EPOLL_CTL_DEL:
        return watches.remove(*target, watched.value);
    default:
        return fail(Error::invalid_argument);
    }
}

Result<std::int64_t> sys_epoll_pwait(
    thread::Thread& thread, Descriptor set, UserAddr events, std::int32_t count, std::int32_t milliseconds,
    UserAddr mask, std::uint64_t mask_bytes) {
    thread::Time deadline = thread::never;
    if (milliseconds >= 0)
        deadline = milliseconds == 0 ? 0 : after(thread::now(), static_cast<thread::Time>(milliseconds) * 1'000'000);
    TRY(use_temporary_mask(thread, mask, mask_bytes));
    auto result = wait_for_events(set, events, count, deadline);
    if (!result && result.error() == Error::restart)
        return fail(Error::interrupted); // never made again (signal(7))
    return result;
}

Result<std::int64_t> sys_epoll_pwait2(
    thread::Thread& thread, Descriptor set, UserAddr events, std::int32_t count,
    memory::UserPtr<const __kernel_timespec> timeout, UserAddr mask, std::uint64_t mask_bytes) {
    thread::Time deadline = thread::never;
    if (timeout) {
        thread::Time span = TRY(to_time(TRY(timeout.read())));
        deadline = span == 0 ? 0 : after(thread::now(), span);
    }
    TRY(use_temporary_mask(thread, mask, mask_bytes));
    auto result = wait_for_events(set, events, count, deadline);
    if (!result && result.error() == Error::restart)
        return fail(Error::interrupted);
    return result;
}

} // namespace abi::linux
