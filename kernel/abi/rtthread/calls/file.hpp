#pragma once
// Open files: reading, writing, waiting for them, and descriptors.

#include "abi/rtthread/row.hpp"
#include "abi/rtthread/times.hpp"

namespace abi::rtthread {

/// struct stat of musl's 64-bit ISAs (x86_64 takes the same here).
struct Stat {
    std::uint64_t device, number;
    std::uint32_t mode, links, user, group;
    std::uint64_t raw_device, padding;
    std::int64_t size;
    std::int32_t block_size, padding2;
    std::int64_t blocks;
    Timespec accessed, modified, changed;
    std::array<std::uint32_t, 2> unused;
};
static_assert(sizeof(Stat) == 128);

Result<std::size_t> sys_read(Descriptor descriptor, memory::UserBytes buffer);
Result<std::size_t> sys_write(thread::Thread& thread, Descriptor descriptor, memory::ConstUserBytes buffer);
Result<std::size_t> sys_pread64(Descriptor descriptor, memory::UserBytes buffer, FileOffset offset);
Result<std::size_t>
sys_pwrite64(thread::Thread& thread, Descriptor descriptor, memory::ConstUserBytes buffer, FileOffset offset);
Result<std::uint64_t> sys_lseek(Descriptor descriptor, FileOffset offset, std::uint32_t whence);
Result<Descriptor> sys_open(memory::UserString path, Flags flags, FileMode mode);
Result<Descriptor> sys_openat(Descriptor directory, memory::UserString path, Flags flags, FileMode mode);
Result<> sys_close(Descriptor descriptor);
/// Also carries the commands of fcntl(), whose numbers are below 1031.
Result<std::int64_t> sys_ioctl(Descriptor descriptor, std::uint64_t command, std::uint64_t argument);
Result<> sys_fstat(Descriptor descriptor, memory::UserPtr<Stat> to);
Result<> sys_stat(memory::UserString path, memory::UserPtr<Stat> to);
Result<> sys_lstat(memory::UserString path, memory::UserPtr<Stat> to);
Result<> sys_fsync(Descriptor descriptor);
Result<> sys_ftruncate(Descriptor descriptor, FileOffset length);
Result<Descriptor> sys_dup(Descriptor descriptor);
Result<Descriptor> sys_dup2(Descriptor from, Descriptor to);
Result<> sys_pipe(memory::UserPtr<std::int32_t> descriptors);
Result<std::int64_t> sys_poll(UserAddr files, std::uint32_t count, std::int32_t milliseconds);
Result<std::int64_t> sys_select(
    std::int32_t count, UserAddr reading, UserAddr writing, UserAddr exceptional, memory::UserPtr<Timeval> timeout);
Result<std::size_t> sys_getdents(Descriptor descriptor, UserAddr buffer, std::uint64_t bytes);
Result<Descriptor> sys_eventfd2(std::uint32_t initial, Flags flags);
Result<Descriptor> sys_memfd_create(memory::UserString name, Flags flags);
Result<Descriptor> sys_epoll_create1(Flags flags);
Result<> sys_epoll_ctl(Descriptor set, std::int32_t operation, Descriptor watched, UserAddr event);
Result<std::int64_t> sys_epoll_pwait(
    thread::Thread& thread, Descriptor set, UserAddr events, std::int32_t count, std::int32_t milliseconds,
    UserAddr mask, std::uint64_t mask_bytes);
Result<Descriptor> sys_timerfd_create(std::int32_t clock, Flags flags);
Result<> sys_timerfd_settime(
    Descriptor descriptor, Flags flags, memory::UserPtr<const Itimerspec> setting, memory::UserPtr<Itimerspec> former);
Result<> sys_timerfd_gettime(Descriptor descriptor, memory::UserPtr<Itimerspec> setting);

inline constexpr std::array file_calls{
    RTTHREAD_CALL(2, read),
    RTTHREAD_CALL(3, write),
    RTTHREAD_CALL(4, lseek),
    RTTHREAD_CALL(5, open),
    RTTHREAD_CALL(6, close),
    RTTHREAD_PARTIAL(7, ioctl, "FIONREAD, FIONBIO, the window size, terminal settings; of fcntl F_DUPFD and the flags"),
    RTTHREAD_CALL(8, fstat),
    RTTHREAD_CALL(9, poll),
    RTTHREAD_CALL(67, stat),
    RTTHREAD_CALL(94, select),
    RTTHREAD_CALL(121, getdents),
    RTTHREAD_CALL(126, pipe),
    RTTHREAD_CALL(133, dup),
    RTTHREAD_CALL(134, dup2),
    RTTHREAD_CALL(155, fsync),
    RTTHREAD_CALL(169, lstat),
    RTTHREAD_CALL(175, openat),
    RTTHREAD_CALL(185, pread64),
    RTTHREAD_CALL(186, pwrite64),
    RTTHREAD_CALL(191, eventfd2),
    RTTHREAD_CALL(192, epoll_create1),
    RTTHREAD_CALL(193, epoll_ctl),
    RTTHREAD_PARTIAL(194, epoll_pwait, "the signal mask is not changed"),
    RTTHREAD_CALL(196, timerfd_create),
    RTTHREAD_CALL(197, timerfd_settime),
    RTTHREAD_CALL(198, timerfd_gettime),
    RTTHREAD_CALL(200, memfd_create),
    RTTHREAD_CALL(201, ftruncate),
};

} // namespace abi::rtthread
