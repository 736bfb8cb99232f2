// The calls that badptr tries. A call that an ISA does not have is left out by its missing number.
#define _GNU_SOURCE
#include "badptr.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>

// clang-format off
#define VALUE(v)     {plain, 0, (long)(v)}
#define IN(object)   {input, sizeof(object), (long)&(object)}
#define INOUT(object) {inout, sizeof(object), (long)&(object)}
#define OUT(bytes)   {output, bytes, 0}
#define TEXT(text)   {string, 0, (long)(text)}
#define CALL(name, ...) {#name, SYS_##name, {__VA_ARGS__}},
// The same call under another title, for calls with several operations.
#define CALL_AS(title, name, ...) {title, SYS_##name, {__VA_ARGS__}},
// clang-format on

static char bytes[64] = "bytes to write";
static struct iovec vector = {bytes, 8};
static struct timespec short_time = {0, 1000};
static struct timespec times_to_set[2] = {{1000, 0}, {1000, 0}};
#ifdef SYS_open
static struct timeval time_value = {0, 1000};
#endif
static struct itimerval interval = {{0, 0}, {0, 0}};
static struct pollfd polled = {zero_fd, POLLIN, 0};
static fd_set few_fds;
static off_t offset_value = 1;
static struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 5};
static struct rlimit limit = {256, 256};
static uint32_t zero_word;
static uint64_t kernel_set;
static struct {
    void* handler;
    unsigned long flags;
    unsigned long more[2];
} action = {(void*)1, 0, {0, 0}}; // SIG_IGN
static siginfo_t signal_information = {.si_code = SI_QUEUE};
static stack_t no_stack = {.ss_flags = SS_DISABLE};
static struct {
    const sigset_t* set;
    size_t size;
} pselect_mask = {NULL, 8};
static gid_t groups[2] = {0, 1};
static struct sched_param parameters = {0};
static unsigned long processors = 1;
static struct __user_cap_header_struct capability_header = {_LINUX_CAPABILITY_VERSION_3, 0};
static struct winsize window = {.ws_row = 24, .ws_col = 80};
static struct {
    long next, offset, pending;
} robust_list;

// One row a line: the macros carry their own commas, which the formatter does not see.
// clang-format off
const struct bad_call bad_calls[] = {
    // files
    CALL(read, VALUE(zero_fd), OUT(64), VALUE(64))
    CALL_AS("read-file", read, VALUE(file_fd), OUT(20), VALUE(20))
    CALL_AS("read-pipe", read, VALUE(pipe_read_fd), OUT(10), VALUE(10))
    CALL(write, VALUE(file_fd), IN(bytes), VALUE(64))
    CALL_AS("write-pipe", write, VALUE(pipe_write_fd), IN(bytes), VALUE(64))
    CALL_AS("write-null", write, VALUE(zero_fd), IN(bytes), VALUE(64))
    CALL(readv, VALUE(zero_fd), IN(vector), VALUE(1))
    CALL(writev, VALUE(file_fd), IN(vector), VALUE(1))
    CALL(pread64, VALUE(file_fd), OUT(20), VALUE(20), VALUE(0))
    CALL(pwrite64, VALUE(file_fd), IN(bytes), VALUE(20), VALUE(0))
    CALL(preadv, VALUE(file_fd), IN(vector), VALUE(1), VALUE(0))
    CALL(pwritev, VALUE(file_fd), IN(vector), VALUE(1), VALUE(0))
    CALL(openat, VALUE(AT_FDCWD), TEXT("file"), VALUE(O_RDONLY))
    CALL(getdents64, VALUE(folder_fd), OUT(200), VALUE(200))
    CALL(fstat, VALUE(file_fd), OUT(sizeof(struct stat)))
    CALL(newfstatat, VALUE(AT_FDCWD), TEXT("file"), OUT(sizeof(struct stat)), VALUE(0))
    CALL(statx, VALUE(AT_FDCWD), TEXT("file"), VALUE(0), VALUE(STATX_BASIC_STATS), OUT(sizeof(struct statx)))
    CALL(statfs, TEXT("file"), OUT(sizeof(struct statfs)))
    CALL(fstatfs, VALUE(file_fd), OUT(sizeof(struct statfs)))
    CALL(faccessat, VALUE(AT_FDCWD), TEXT("file"), VALUE(0))
    CALL(readlinkat, VALUE(AT_FDCWD), TEXT("link"), OUT(4), VALUE(4))
    CALL(mkdirat, VALUE(AT_FDCWD), TEXT("new"), VALUE(0755))
    CALL(mknodat, VALUE(AT_FDCWD), TEXT("new"), VALUE(S_IFREG | 0644), VALUE(0))
    CALL(unlinkat, VALUE(AT_FDCWD), TEXT("link"), VALUE(0))
    CALL(renameat2, VALUE(AT_FDCWD), TEXT("link"), VALUE(AT_FDCWD), TEXT("new"), VALUE(0))
    CALL(linkat, VALUE(AT_FDCWD), TEXT("file"), VALUE(AT_FDCWD), TEXT("new"), VALUE(0))
    CALL(symlinkat, TEXT("target"), VALUE(AT_FDCWD), TEXT("new"))
    CALL(truncate, TEXT("file"), VALUE(10))
    CALL(chdir, TEXT("folder"))
    CALL(chroot, TEXT("folder"))
    CALL(fchmodat, VALUE(AT_FDCWD), TEXT("file"), VALUE(0600))
    CALL(fchownat, VALUE(AT_FDCWD), TEXT("file"), VALUE(0), VALUE(0), VALUE(0))
    CALL(utimensat, VALUE(AT_FDCWD), TEXT("file"), IN(times_to_set), VALUE(0))
    CALL(getcwd, OUT(64), VALUE(64))
    CALL(pipe2, OUT(8), VALUE(0))
    CALL(sendfile, VALUE(pipe_write_fd), VALUE(file_fd), INOUT(offset_value), VALUE(4))
    CALL(copy_file_range, VALUE(file_fd), INOUT(offset_value), VALUE(file_fd), INOUT(offset_value), VALUE(0), VALUE(0))
    CALL_AS("fcntl-getlk", fcntl, VALUE(file_fd), VALUE(F_GETLK), INOUT(lock))
    CALL_AS("fcntl-setlk", fcntl, VALUE(file_fd), VALUE(F_SETLK), IN(lock))
    CALL_AS("ioctl-fionread", ioctl, VALUE(pipe_read_fd), VALUE(FIONREAD), OUT(4))
    CALL_AS("ioctl-tcgets", ioctl, VALUE(terminal_fd), VALUE(TCGETS), OUT(36))
    CALL_AS("ioctl-tiocgwinsz", ioctl, VALUE(terminal_fd), VALUE(TIOCGWINSZ), OUT(8))
    CALL_AS("ioctl-tiocswinsz", ioctl, VALUE(terminal_fd), VALUE(TIOCSWINSZ), IN(window))
    CALL_AS("ioctl-tiocgpgrp", ioctl, VALUE(terminal_fd), VALUE(TIOCGPGRP), OUT(4))
    CALL(ppoll, INOUT(polled), VALUE(1), IN(short_time), IN(kernel_set), VALUE(8))
    CALL(pselect6, VALUE(zero_fd + 1), INOUT(few_fds), INOUT(few_fds), INOUT(few_fds), IN(short_time), IN(pselect_mask))
    CALL(umount2, TEXT("folder"), VALUE(0))
    // programs and processes
    CALL(execve, TEXT("program"), IN(kernel_set), IN(kernel_set))
    CALL(wait4, VALUE(-1), OUT(4), VALUE(0), OUT(sizeof(struct rusage)))
    CALL(waitid, VALUE(P_ALL), VALUE(0), OUT(sizeof(siginfo_t)), VALUE(WEXITED), OUT(sizeof(struct rusage)))
    CALL_AS("prctl-set-name", prctl, VALUE(PR_SET_NAME), TEXT("name"))
    CALL_AS("prctl-get-name", prctl, VALUE(PR_GET_NAME), OUT(16))
    CALL(prlimit64, VALUE(0), VALUE(RLIMIT_NOFILE), IN(limit), OUT(16))
    CALL(getrusage, VALUE(RUSAGE_SELF), OUT(sizeof(struct rusage)))
    CALL(getgroups, VALUE(0), OUT(8))
    CALL(setgroups, VALUE(2), IN(groups))
    CALL(getresuid, OUT(4), OUT(4), OUT(4))
    CALL(getresgid, OUT(4), OUT(4), OUT(4))
    CALL(uname, OUT(sizeof(struct utsname)))
    CALL(sysinfo, OUT(sizeof(struct sysinfo)))
    CALL(sethostname, TEXT("tetrapylon"), VALUE(10))
    CALL(getrandom, OUT(32), VALUE(32), VALUE(0))
    CALL(getcpu, OUT(4), OUT(4), VALUE(0))
    CALL(sched_getaffinity, VALUE(0), VALUE(128), OUT(128))
    CALL(sched_setaffinity, VALUE(0), VALUE(8), IN(processors))
    CALL(sched_getparam, VALUE(0), OUT(4))
    CALL(sched_setscheduler, VALUE(0), VALUE(SCHED_OTHER), IN(parameters))
    CALL(sched_rr_get_interval, VALUE(0), OUT(16))
    CALL(capget, INOUT(capability_header), OUT(24))
    CALL(set_robust_list, IN(robust_list), VALUE(24))
    CALL(get_robust_list, VALUE(0), OUT(8), OUT(8))
    CALL(set_tid_address, OUT(4))
    // memory
    CALL(mincore, VALUE(0x10000), VALUE(0), OUT(1))
    CALL_AS("futex-wait", futex, INOUT(zero_word), VALUE(FUTEX_WAIT), VALUE(0), IN(short_time))
    CALL_AS("futex-wake", futex, IN(zero_word), VALUE(FUTEX_WAKE), VALUE(1))
    CALL_AS("futex-wake-private", futex, IN(zero_word), VALUE(FUTEX_WAKE_PRIVATE), VALUE(1))
    CALL_AS("futex-requeue", futex, IN(zero_word), VALUE(FUTEX_CMP_REQUEUE), VALUE(1), VALUE(1), IN(zero_word), VALUE(0))
    // time
    CALL(clock_gettime, VALUE(CLOCK_MONOTONIC), OUT(16))
    CALL(clock_getres, VALUE(CLOCK_MONOTONIC), OUT(16))
    CALL(clock_nanosleep, VALUE(CLOCK_MONOTONIC), VALUE(0), IN(short_time), OUT(16))
    CALL(nanosleep, IN(short_time), OUT(16))
    CALL(gettimeofday, OUT(16), OUT(8))
    CALL(getitimer, VALUE(ITIMER_REAL), OUT(32))
    CALL(setitimer, VALUE(ITIMER_VIRTUAL), IN(interval), OUT(32))
    CALL(times, OUT(sizeof(struct tms)))
    // signals
    CALL(rt_sigaction, VALUE(SIGUSR1), IN(action), OUT(24), VALUE(8))
    CALL(rt_sigprocmask, VALUE(SIG_BLOCK), IN(kernel_set), OUT(8), VALUE(8))
    CALL(rt_sigpending, OUT(8), VALUE(8))
    CALL(rt_sigtimedwait, IN(kernel_set), OUT(sizeof(siginfo_t)), IN(short_time), VALUE(8))
    CALL(rt_sigqueueinfo, VALUE(0x3ffffff), VALUE(0), IN(signal_information))
    CALL(sigaltstack, IN(no_stack), OUT(sizeof(stack_t)))
// calls of x86_64 alone
#ifdef SYS_open
    CALL(open, TEXT("file"), VALUE(O_RDONLY))
    CALL(stat, TEXT("file"), OUT(sizeof(struct stat)))
    CALL(lstat, TEXT("file"), OUT(sizeof(struct stat)))
    CALL(access, TEXT("file"), VALUE(0))
    CALL(pipe, OUT(8))
    CALL(poll, INOUT(polled), VALUE(1), VALUE(1))
    CALL(select, VALUE(zero_fd + 1), INOUT(few_fds), INOUT(few_fds), INOUT(few_fds), IN(time_value))
    CALL(rename, TEXT("link"), TEXT("new"))
    CALL(mkdir, TEXT("new"), VALUE(0755))
    CALL(rmdir, TEXT("new"))
    CALL(unlink, TEXT("link"))
    CALL(link, TEXT("file"), TEXT("new"))
    CALL(symlink, TEXT("target"), TEXT("new"))
    CALL(readlink, TEXT("link"), OUT(4), VALUE(4))
    CALL(chmod, TEXT("file"), VALUE(0600))
    CALL(chown, TEXT("file"), VALUE(0), VALUE(0))
    CALL(time, OUT(8))
    CALL(arch_prctl, VALUE(0x1003), OUT(8))
#endif
};
// clang-format on
const size_t bad_call_count = sizeof bad_calls / sizeof bad_calls[0];
