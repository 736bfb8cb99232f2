// Errors of all calls that can fail, a row each: what a call answers to a bad pointer, a descriptor that is not open, a
// handle that nobody gave out, a number out of range. What needs a story around it is in the other tests.
#include "rtt.h"

enum {
    wild = 8,          // no memory there
    closed = 99,       // no such descriptor
    nobody = 30001,    // no such process or thread
    made_up = 0x12345, // no handle
    at_cwd = -100,
    // Results that differ by generation.
    object_inval = -1000001,
    object_error = -1000002,
};
enum generation { both, newest };

static long words[64];
static const char path[] = "/nonesuch/file";
static char buffer[256];

struct row {
    const char* what;
    int number;
    enum generation since;
    long arguments[6];
    long wanted;
};
#define ROW(number, since, wanted, ...) {#number, nr_##number, since, {__VA_ARGS__}, wanted}
#define AT(thing) (long)(thing)

static const struct row rows[] = {
    // Files
    ROW(read, both, -ebadf, closed, AT(buffer), 1),
    ROW(write, both, -ebadf, closed, AT(buffer), 1),
    ROW(write, both, -efault, 1, wild, 1),
    ROW(write, both, -efault, 1, -4096, 8192),
    ROW(lseek, both, -ebadf, closed),
    ROW(open, both, -enoent, AT(path)),
    ROW(open, both, -efault, wild),
    ROW(close, both, -ebadf, closed),
    ROW(ioctl, both, -ebadf, closed),
    ROW(fstat, both, -ebadf, closed, AT(words)),
    ROW(fstat, both, -efault, 1, wild),
    ROW(stat, both, -efault, wild, AT(words)),
    ROW(lstat, both, -enoent, AT(path), AT(words)),
    ROW(poll, both, -efault, wild, 1),
    ROW(poll, both, -einval, AT(words), -1),
    ROW(select, both, -einval, -1),
    ROW(select, both, -efault, 8, wild),
    ROW(getdents, both, -ebadf, closed, AT(buffer), 256),
    ROW(pipe, both, -efault, wild),
    ROW(dup, both, -ebadf, closed),
    ROW(dup2, both, -ebadf, closed, 5),
    ROW(fsync, both, -ebadf, closed),
    ROW(openat, newest, -ebadf, closed, AT("file")),
    ROW(pread64, newest, -ebadf, closed, AT(buffer), 1),
    ROW(pwrite64, newest, -ebadf, closed, AT(buffer), 1),
    ROW(eventfd2, newest, -einval, 0, -1),
    ROW(epoll_create1, newest, -einval, 7),
    ROW(epoll_ctl, newest, -ebadf, closed, 1, 1, AT(words)),
    ROW(epoll_pwait, newest, -einval, 1, AT(words), 0),
    ROW(epoll_pwait, newest, -ebadf, closed, AT(words), 1),
    ROW(timerfd_create, newest, -einval, 77),
    ROW(timerfd_settime, newest, -einval, 1, 0, AT(words)),
    ROW(timerfd_settime, newest, -efault, 1, 0, wild),
    ROW(timerfd_gettime, newest, -einval, 1, AT(words)),
    ROW(signalfd, newest, -efault, -1, wild),
    ROW(memfd_create, newest, -efault, wild),
    ROW(ftruncate, newest, -ebadf, closed, 1),
    // Names
    ROW(getcwd, both, -erange, AT(buffer), 1),
    ROW(getcwd, both, -efault, wild, 256),
    ROW(chdir, both, -enoent, AT(path)),
    ROW(unlink, both, -enoent, AT(path)),
    ROW(mkdir, both, -enoent, AT(path)),
    ROW(rmdir, both, -enoent, AT(path)),
    ROW(access, both, -enoent, AT(path)),
    ROW(access, both, -efault, wild),
    ROW(rename, both, -enoent, AT(path), AT("/tmp/b")),
    ROW(readlink, both, -enoent, AT(path), AT(buffer), 256),
    ROW(statfs, both, -enoent, AT(path), AT(words)),
    ROW(statfs, both, -efault, AT("/"), wild),
    ROW(statfs64, both, -einval, AT("/"), 1, AT(words)),
    ROW(fstatfs, both, -ebadf, closed, AT(words)),
    ROW(fstatfs64, both, -einval, 1, 1, AT(words)),
    ROW(mount, newest, -efault, wild, AT("/tmp"), AT("ramfs")),
    ROW(umount2, newest, -efault, wild),
    ROW(link, newest, -enoent, AT(path), AT("/tmp/link")),
    ROW(symlink, newest, -efault, wild, AT("/tmp/link")),
    ROW(chmod, newest, -enoent, AT(path)),
    ROW(chown, newest, -enoent, AT(path)),
    ROW(utimensat, newest, -enoent, at_cwd, AT(path)),
    ROW(utimensat, newest, -ebadf, closed, AT("file")),
    ROW(fchdir, newest, -ebadf, closed),
    // Processes
    ROW(exec, both, -enoent, AT(path)),
    ROW(execve, both, -enoent, AT(path)),
    ROW(execve, both, -efault, wild),
    ROW(kill, both, -esrch, nobody, 10),
    ROW(kill, both, -einval, 1, 65),
    ROW(waitpid, both, -echild, nobody, AT(words)),
    ROW(wait4, newest, -echild, nobody),
    ROW(getpriority, both, -einval, 99),
    ROW(setpriority, both, -einval, 99),
    ROW(prlimit64, both, -efault, 0, 7, wild),
    ROW(prlimit64, both, -einval, 0, 99),
    ROW(getrlimit, both, -efault, 7, wild),
    ROW(setrlimit, both, -einval, 99, AT(words)),
    ROW(setrlimit, both, -efault, 7, wild),
    ROW(getrandom, both, -efault, wild, 8),
    ROW(uname, both, -efault, wild),
    ROW(sysinfo, newest, -efault, wild),
    ROW(reboot, newest, -einval, 1, 2, 3),
    ROW(setpgid, newest, -esrch, nobody),
    ROW(getpgid, newest, -esrch, nobody),
    ROW(getsid, newest, -esrch, nobody),
    ROW(get_robust_list, newest, -esrch, nobody, AT(words), AT(words)),
    ROW(get_robust_list, newest, -efault, 0, wild, AT(words)),
    ROW(set_robust_list, newest, -einval, AT(words), 23),
    // Threads and their order
    ROW(clone, both, -efault, wild),
    ROW(clone, both, -einval, AT(words)),
    ROW(tkill, both, -esrch, nobody, 10),
    ROW(futex, both, -einval, AT(words) + 1, 0),
    ROW(sched_setparam, both, -efault, 0, wild),
    ROW(sched_getparam, both, -efault, 0, wild),
    ROW(sched_getparam, both, -esrch, nobody, AT(words)),
    ROW(sched_setscheduler, both, -efault, 0, 1, wild),
    ROW(sched_getscheduler, both, -efault, 0, wild, AT(words)),
    ROW(sched_setaffinity, both, -efault, 0, 8, wild),
    ROW(sched_getaffinity, newest, -einval, 0, 0, AT(words)),
    ROW(sched_getaffinity, newest, -efault, 0, 128, wild),
    // Signals
    ROW(sigaction, both, -einval, 65, AT(words), 0, 8),
    ROW(sigaction, both, -efault, 10, wild, 0, 8),
    ROW(sigprocmask, both, -efault, 0, wild, 0, 8),
    ROW(sigprocmask, both, -einval, 7, AT(words), 0, 8),
    ROW(thread_sigprocmask, both, -einval, 0, AT(words), 0, 7),
    ROW(sigpending, newest, -efault, wild, 8),
    ROW(sigtimedwait, newest, -efault, wild, 0, 0, 8),
    // Time
    ROW(nanosleep, both, -efault, wild),
    ROW(gettimeofday, both, -efault, wild),
    ROW(settimeofday, both, -efault, wild),
    ROW(clock_settime, both, -einval, 1, AT(words)),
    ROW(clock_settime, both, -efault, 0, wild),
    ROW(clock_gettime, both, -einval, 77, AT(words)),
    ROW(clock_gettime, both, -efault, 0, wild),
    ROW(clock_getres, both, -einval, 77, AT(words)),
    ROW(clock_getres, both, -efault, 0, wild),
    ROW(clock_nanosleep, both, -einval, 77, 0, AT(words)),
    ROW(clock_nanosleep, both, -efault, 0, 0, wild),
    ROW(posix_timer_create, both, -einval, 77, 0, AT(words)),
    ROW(posix_timer_create, both, -efault, 0, 0, wild),
    ROW(posix_timer_delete, both, -einval, 77),
    ROW(posix_timer_settime, both, -einval, 77, 0, AT(words)),
    ROW(posix_timer_settime, both, -efault, 77, 0, wild),
    ROW(posix_timer_gettime, both, -einval, 77, AT(words)),
    ROW(posix_timer_getoverrun, both, -einval, 77),
    ROW(setitimer, newest, -efault, 0, wild),
    ROW(setitimer, newest, -einval, 7, AT(words)),
    // POSIX queues
    ROW(posix_mq_open, both, -enoent, AT("none")),
    ROW(posix_mq_unlink, both, -enoent, AT("none")),
    ROW(posix_mq_timedsend, both, -ebadf, closed, AT(buffer), 1),
    ROW(posix_mq_timedreceive, both, -ebadf, closed, AT(buffer), 256),
    ROW(posix_mq_notify, both, -ebadf, closed),
    ROW(posix_mq_getsetattr, both, -ebadf, closed),
    ROW(posix_mq_close, both, -ebadf, closed),
    // Memory
    ROW(munmap, both, -einval, 1, 4096),
    ROW(shmget, both, -1, 5, 0, 1),
    ROW(shmget, both, -1, 5, 1l << 40, 1),
    ROW(shmrm, both, -1, 999),
    ROW(shmat, both, 0, -1),
    ROW(shmat, both, 0, 999),
    ROW(shmdt, both, -1, wild),
    ROW(cacheflush, both, -efault, wild, 100, 1),
    ROW(cacheflush, both, -einval, AT(words), 8, 4),
    // Objects
    ROW(sem_create, both, 0, wild, 1, 0),
    ROW(sem_delete, both, object_inval, made_up),
    ROW(sem_take, both, object_inval, made_up),
    ROW(sem_release, both, object_inval, made_up),
    ROW(mutex_create, both, 0, wild),
    ROW(mutex_delete, both, object_inval, made_up),
    ROW(mutex_take, both, object_inval, made_up),
    ROW(mutex_release, both, object_inval, made_up),
    ROW(event_create, both, 0, wild),
    ROW(event_delete, both, object_inval, made_up),
    ROW(event_send, both, object_inval, made_up, 1),
    ROW(event_recv, both, object_inval, made_up, 1, 1),
    ROW(mb_create, both, 0, wild, 4),
    ROW(mb_create, both, 0, AT("mb"), -1),
    ROW(mb_delete, both, object_inval, made_up),
    ROW(mb_send, both, object_inval, made_up),
    ROW(mb_send_wait, both, object_inval, made_up),
    ROW(mb_recv, both, object_inval, made_up, AT(words)),
    ROW(mq_create, both, 0, wild, 4, 4),
    ROW(mq_create, both, 0, AT("mq"), 0, 4),
    ROW(mq_create, both, 0, AT("mq"), 4, -1),
    ROW(mq_create, both, 0, AT("mq"), -1, -1),
    ROW(mq_delete, both, object_inval, made_up),
    ROW(mq_send, both, object_inval, made_up, AT(buffer), 1),
    ROW(mq_urgent, both, object_inval, made_up, AT(buffer), 1),
    ROW(mq_recv, both, object_inval, made_up, AT(buffer), 1),
    ROW(timer_create, both, 0, wild, 0, 10),
    ROW(timer_create, both, 0, AT("t"), made_up, 10),
    ROW(timer_delete, both, object_inval, made_up),
    ROW(timer_start, both, object_inval, made_up),
    ROW(timer_stop, both, object_inval, made_up),
    ROW(timer_control, both, object_inval, made_up, 1, AT(words)),
    ROW(thread_create, both, 0, wild),
    ROW(thread_delete, both, object_inval, made_up),
    ROW(thread_startup, both, object_inval, made_up),
    ROW(thread_find, both, -efault, wild),
    ROW(thread_find, both, 0, AT("nobody")),
    ROW(exit_critical, both, object_error),
    // Channels and devices
    ROW(channel_open, both, -1, wild),
    ROW(channel_open, both, -1, AT("nonesuch")),
    ROW(channel_close, both, object_error, closed),
    ROW(channel_send, both, object_error, closed, AT(words)),
    ROW(channel_send_recv, both, object_error, closed, AT(words), AT(words)),
    ROW(channel_reply, both, object_error, closed, AT(words)),
    ROW(channel_recv, both, object_error, closed, AT(words)),
    ROW(device_init, both, object_inval, made_up),
    ROW(device_control, both, object_inval, made_up),
    ROW(device_find, both, 0, wild),
    ROW(device_open, both, object_inval, made_up, 3),
    ROW(device_close, both, object_inval, made_up),
    ROW(device_read, both, object_inval, made_up, 0, AT(buffer), 1),
    ROW(device_write, both, object_inval, made_up, 0, AT(buffer), 1),
    ROW(log, both, -efault, wild, 8),
};

static long wanted_of(const struct row* row) {
    if (is_5_0 && row->since == newest)
        return -enosys;
    if (row->wanted == object_inval)
        return -code.inval;
    return row->wanted == object_error ? -code.error : row->wanted;
}

void rtt_main(void) {
    for (u64 i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row* row = &rows[i];
        const long* a = row->arguments;
        const long result = rt(row->number, a[0], a[1], a[2], a[3], a[4], a[5]);
        if (result != wanted_of(row))
            check_failed("rows", (int)i, row->what, result);
    }
    // What cannot fail, where nothing else asks.
    long area[2] = {0};
    EXPECT(rt(nr_set_thread_area, area), 0);
    finish("errors");
}
