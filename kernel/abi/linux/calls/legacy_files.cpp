#include "abi/linux/calls/legacy_files.hpp"

#include "abi/linux/calls/descriptor.hpp"
#include "abi/linux/calls/directory.hpp"
#include "abi/linux/calls/event.hpp"
#include "abi/linux/calls/file.hpp"
#include "abi/linux/file_arguments.hpp"
#include "abi/linux/thread_state.hpp"
#include "abi/linux/time_values.hpp"

#include <linux/fcntl.h>

namespace abi::linux {

namespace {

constexpr Descriptor here{AT_FDCWD};

} // namespace

Result<Descriptor> sys_open(memory::UserString path, Flags flags, FileMode mode) {
    return sys_openat(here, path, flags, mode);
}

Result<Descriptor> sys_creat(memory::UserString path, FileMode mode) {
    return sys_openat(here, path, {O_CREAT | O_WRONLY | O_TRUNC}, mode);
}

Result<> sys_stat(memory::UserString path, memory::UserPtr<Stat> to) {
    return sys_newfstatat(here, path, to, {0});
}

Result<> sys_lstat(memory::UserString path, memory::UserPtr<Stat> to) {
    return sys_newfstatat(here, path, to, {AT_SYMLINK_NOFOLLOW});
}

Result<> sys_access(memory::UserString path, std::uint32_t mode) {
    return sys_faccessat(here, path, mode);
}

Result<> sys_mkdir(memory::UserString path, FileMode mode) {
    return sys_mkdirat(here, path, mode);
}

Result<> sys_rmdir(memory::UserString path) {
    return sys_unlinkat(here, path, {AT_REMOVEDIR});
}

Result<> sys_mknod(memory::UserString path, FileMode mode, std::uint32_t device) {
    return sys_mknodat(here, path, mode, device);
}

Result<> sys_unlink(memory::UserString path) {
    return sys_unlinkat(here, path, {0});
}

Result<> sys_link(memory::UserString from, memory::UserString to) {
    return sys_linkat(here, from, here, to, {0});
}

Result<> sys_symlink(memory::UserString target, memory::UserString path) {
    return sys_symlinkat(target, here, path);
}

Result<> sys_rename(memory::UserString from, memory::UserString to) {
    return sys_renameat2(here, from, here, to, {0});
}

Result<>
sys_renameat(Descriptor from_directory, memory::UserString from, Descriptor to_directory, memory::UserString to) {
    return sys_renameat2(from_directory, from, to_directory, to, {0});
}

Result<std::size_t> sys_readlink(memory::UserString path, memory::UserPtr<char> buffer, std::int32_t bytes) {
    return sys_readlinkat(here, path, buffer, bytes);
}

Result<> sys_chmod(memory::UserString path, FileMode mode) {
    return sys_fchmodat(here, path, mode);
}

Result<> sys_chown(memory::UserString path, std::uint32_t user, std::uint32_t group) {
    return sys_fchownat(here, path, user, group, {0});
}

Result<> sys_lchown(memory::UserString path, std::uint32_t user, std::uint32_t group) {
    return sys_fchownat(here, path, user, group, {AT_SYMLINK_NOFOLLOW});
}

Result<> sys_pipe(memory::UserPtr<std::int32_t> descriptors) {
    return sys_pipe2(descriptors, {0});
}

Result<Descriptor> sys_dup2(Descriptor from, Descriptor to) {
    if (from.value != to.value)
        return sys_dup3(from, to, {0});
    (void)TRY(open_file(from));
    return to;
}

// Times

namespace {

Result<> set_times(Descriptor directory, memory::UserString path, const file::Timestamp* times) {
    PathArgument argument;
    TRY(argument.read(directory, path));
    file::AttributeChange change;
    change.set_accessed = change.set_modified = true;
    change.accessed = times ? times[0] : file::wall_clock();
    change.modified = times ? times[1] : change.accessed;
    return file::change_times(TRY(argument.look_up(true)), change, times != nullptr, argument.who());
}

Result<file::Timestamp> to_timestamp(std::int64_t seconds, std::int64_t microseconds) {
    if (microseconds < 0 || microseconds >= 1'000'000)
        return fail(Error::invalid_argument);
    file::Timestamp time;
    if (__builtin_mul_overflow(seconds, std::int64_t{nanoseconds_per_second}, &time))
        return seconds < 0 ? INT64_MIN : INT64_MAX;
    return time + microseconds * 1000;
}

} // namespace

Result<> sys_utime(memory::UserString path, UserAddr times) {
    if (!times.value)
        return set_times(here, path, nullptr);
    std::int64_t seconds[2];
    TRY(memory::copy_in(seconds, times, sizeof seconds));
    file::Timestamp stamps[2] = {TRY(to_timestamp(seconds[0], 0)), TRY(to_timestamp(seconds[1], 0))};
    return set_times(here, path, stamps);
}

Result<> sys_utimes(memory::UserString path, UserAddr times) {
    return sys_futimesat(here, path, times);
}

Result<> sys_futimesat(Descriptor directory, memory::UserString path, UserAddr times) {
    if (!times.value)
        return set_times(directory, path, nullptr);
    __kernel_old_timeval values[2];
    TRY(memory::copy_in(values, times, sizeof values));
    file::Timestamp stamps[2];
    for (unsigned i = 0; i < 2; ++i)
        stamps[i] = TRY(to_timestamp(values[i].tv_sec, values[i].tv_usec));
    return set_times(directory, path, stamps);
}

// poll and select

Result<std::int64_t>
sys_poll(thread::Thread& thread, UserAddr descriptors, std::uint32_t count, std::int32_t milliseconds) {
    thread::Time deadline = thread::never;
    if (milliseconds == 0)
        deadline = 0;
    else if (milliseconds > 0)
        deadline = resume_deadline(thread, static_cast<thread::Time>(milliseconds) * 1'000'000);
    auto result = poll_files(descriptors, count, deadline);
    if (!result && result.error() == Error::restart)
        return restart_at_deadline(thread, deadline);
    return result;
}

Result<std::int64_t> sys_select(
    thread::Thread& thread, std::int32_t count, UserAddr reading, UserAddr writing, UserAddr exceptional,
    UserAddr timeout) {
    memory::UserPtr<__kernel_old_timeval> user(timeout);
    thread::Time deadline = thread::never;
    if (user) {
        thread::Time span = TRY(to_time(TRY(user.read())));
        deadline = span == 0 ? 0 : resume_deadline(thread, span);
    }
    auto result = select_files(count, reading, writing, exceptional, deadline);
    if (user && deadline != 0) {
        thread::Time now = thread::now();
        (void)user.write(to_timeval(deadline > now ? deadline - now : 0));
    }
    if (!result && result.error() == Error::restart)
        return restart_at_deadline(thread, deadline);
    return result;
}

Result<Descriptor> sys_eventfd(std::uint32_t initial) {
    return sys_eventfd2(initial, {0});
}

Result<Descriptor> sys_epoll_create(std::int32_t size) {
    if (size <= 0)
        return fail(Error::invalid_argument);
    return sys_epoll_create1({0});
}

Result<std::int64_t>
sys_epoll_wait(thread::Thread& thread, Descriptor set, UserAddr events, std::int32_t count, std::int32_t milliseconds) {
    return sys_epoll_pwait(thread, set, events, count, milliseconds, {}, 0);
}

} // namespace abi::linux
