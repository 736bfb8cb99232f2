// A small runtime for RT-Thread Smart programs: the calls by name, and what the tests need. Numbers and structures as
// in the newest lwp_syscall.c; error numbers differ by generation and stand in `code`.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef u64 handle;
#define NULL ((void*)0)
#define FOREVER (-1)

enum {
    nr_exit = 1,
    nr_read,
    nr_write,
    nr_lseek,
    nr_open,
    nr_close,
    nr_ioctl,
    nr_fstat,
    nr_poll,
    nr_nanosleep,
    nr_gettimeofday,
    nr_settimeofday,
    nr_exec,
    nr_kill,
    nr_getpid,
    nr_getpriority,
    nr_setpriority,
    nr_sem_create,
    nr_sem_delete,
    nr_sem_take,
    nr_sem_release,
    nr_mutex_create,
    nr_mutex_delete,
    nr_mutex_take,
    nr_mutex_release,
    nr_event_create,
    nr_event_delete,
    nr_event_send,
    nr_event_recv,
    nr_mb_create,
    nr_mb_delete,
    nr_mb_send,
    nr_mb_send_wait,
    nr_mb_recv,
    nr_mq_create,
    nr_mq_delete,
    nr_mq_send,
    nr_mq_urgent,
    nr_mq_recv,
    nr_thread_create,
    nr_thread_delete,
    nr_thread_startup,
    nr_thread_self,
    nr_channel_open,
    nr_channel_close,
    nr_channel_send,
    nr_channel_send_recv,
    nr_channel_reply,
    nr_channel_recv,
    nr_enter_critical,
    nr_exit_critical,
    nr_brk,
    nr_mmap2,
    nr_munmap,
    nr_shmget,
    nr_shmrm,
    nr_shmat,
    nr_shmdt,
    nr_device_init,
    nr_device_register,
    nr_device_control,
    nr_device_find,
    nr_device_open,
    nr_device_close,
    nr_device_read,
    nr_device_write,
    nr_stat,
    nr_thread_find,
    nr_accept,
    nr_select = 94,
    nr_tick_get = 97,
    nr_exit_group = 98,
    nr_thread_mdelay = 102,
    nr_sigaction,
    nr_sigprocmask,
    nr_tkill,
    nr_thread_sigprocmask,
    nr_cacheflush,
    nr_waitpid = 110,
    nr_timer_create,
    nr_timer_delete,
    nr_timer_start,
    nr_timer_stop,
    nr_timer_control,
    nr_getcwd,
    nr_chdir,
    nr_unlink,
    nr_mkdir,
    nr_rmdir,
    nr_getdents,
    nr_get_errno,
    nr_set_thread_area,
    nr_set_tid_address,
    nr_access,
    nr_pipe,
    nr_clock_settime,
    nr_clock_gettime,
    nr_clock_getres,
    nr_clone,
    nr_futex,
    nr_pmutex,
    nr_dup,
    nr_dup2,
    nr_rename,
    nr_fork,
    nr_execve,
    nr_vfork,
    nr_gettid,
    nr_prlimit64,
    nr_getrlimit,
    nr_setrlimit,
    nr_setsid,
    nr_getrandom,
    nr_readlink,
    nr_mremap,
    nr_madvise,
    nr_sched_setparam,
    nr_sched_getparam,
    nr_sched_get_priority_max,
    nr_sched_get_priority_min,
    nr_sched_setscheduler,
    nr_sched_getscheduler,
    nr_sched_setaffinity,
    nr_fsync,
    nr_clock_nanosleep,
    nr_posix_timer_create,
    nr_posix_timer_delete,
    nr_posix_timer_settime,
    nr_posix_timer_gettime,
    nr_posix_timer_getoverrun,
    nr_posix_mq_open,
    nr_posix_mq_unlink,
    nr_posix_mq_timedsend,
    nr_posix_mq_timedreceive,
    nr_posix_mq_notify,
    nr_posix_mq_getsetattr,
    nr_posix_mq_close,
    nr_lstat,
    nr_uname,
    nr_statfs,
    nr_statfs64,
    nr_fstatfs,
    nr_fstatfs64,
    nr_openat,
    nr_mount,
    nr_umount2,
    nr_link,
    nr_symlink,
    nr_sched_getaffinity,
    nr_sysinfo,
    nr_chmod,
    nr_reboot,
    nr_sched_yield,
    nr_pread64,
    nr_pwrite64,
    nr_sigpending,
    nr_sigtimedwait,
    nr_eventfd2 = 191,
    nr_epoll_create1,
    nr_epoll_ctl,
    nr_epoll_pwait,
    nr_timerfd_create = 196,
    nr_timerfd_settime,
    nr_timerfd_gettime,
    nr_signalfd,
    nr_memfd_create,
    nr_ftruncate,
    nr_setitimer,
    nr_utimensat,
    nr_wait4 = 206,
    nr_set_robust_list,
    nr_get_robust_list,
    nr_setpgid,
    nr_getpgid,
    nr_getsid,
    nr_getppid,
    nr_fchdir,
    nr_chown,
    nr_last = nr_chown,
    nr_log = 255,
};

static inline __attribute__((always_inline)) long
rt_call6(long number, long first, long second, long third, long fourth, long fifth, long sixth) {
#if defined(__aarch64__)
    register long x8 asm("x8") = number;
    register long x0 asm("x0") = first;
    register long x1 asm("x1") = second;
    register long x2 asm("x2") = third;
    register long x3 asm("x3") = fourth;
    register long x4 asm("x4") = fifth;
    register long x5 asm("x5") = sixth;
    asm volatile("svc #0"
                 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5)
                 : "r"(x8)
                 : "x6", "x7", "memory", "cc");
    return x0;
#elif defined(__riscv)
    register long a7 asm("a7") = number;
    register long a0 asm("a0") = first;
    register long a1 asm("a1") = second;
    register long a2 asm("a2") = third;
    register long a3 asm("a3") = fourth;
    register long a4 asm("a4") = fifth;
    register long a5 asm("a5") = sixth;
    asm volatile("ecall" : "+r"(a0), "+r"(a7) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5) : "memory");
    return a0;
#else
    long rax = number;
    register long r10 asm("r10") = fourth;
    register long r8 asm("r8") = fifth;
    register long r9 asm("r9") = sixth;
    asm volatile("syscall"
                 : "+a"(rax)
                 : "D"(first), "S"(second), "d"(third), "r"(r10), "r"(r8), "r"(r9)
                 : "rcx", "r11", "memory", "cc");
    return rax;
#endif
}
#define CALL_0(n) rt_call6(n, 0, 0, 0, 0, 0, 0)
#define CALL_1(n, a) rt_call6(n, (long)(a), 0, 0, 0, 0, 0)
#define CALL_2(n, a, b) rt_call6(n, (long)(a), (long)(b), 0, 0, 0, 0)
#define CALL_3(n, a, b, c) rt_call6(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define CALL_4(n, a, b, c, d) rt_call6(n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define CALL_5(n, a, b, c, d, e) rt_call6(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
#define CALL_6(n, a, b, c, d, e, f) rt_call6(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define PICK(_0, _1, _2, _3, _4, _5, _6, NAME, ...) NAME
/// rt(nr_sem_take, handle, ticks): any number of arguments up to six.
#define rt(...) PICK(__VA_ARGS__, CALL_6, CALL_5, CALL_4, CALL_3, CALL_2, CALL_1, CALL_0)(__VA_ARGS__)

/// RT_E* of the generation that runs the program.
struct codes {
    int error, timeout, full, nomem, nosys, busy, intr, inval;
};
extern struct codes code;
extern int is_5_0;
extern int argument_count;
extern char** arguments;
extern char** environment;

void print(const char* text);
void print_number(long value);
/// Counts a failed expectation and says where.
void check_failed(const char* file, int line, const char* what, long value);
/// "ok NAME", or the failures' count; ends the process.
_Noreturn void finish(const char* name);

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            check_failed(__FILE_NAME__, __LINE__, #condition, 0);                                                      \
    } while (0)
/// The call's result is exactly this.
#define EXPECT(call, wanted)                                                                                           \
    do {                                                                                                               \
        long value_ = (long)(call);                                                                                    \
        if (value_ != (long)(wanted))                                                                                  \
            check_failed(__FILE_NAME__, __LINE__, #call " is not " #wanted, value_);                                   \
    } while (0)

/// A thread that is made and started; 0 when it cannot be.
handle start_thread(const char* name, void (*entry)(void*), void* parameter, u8 priority);
handle make_thread(const char* name, void (*entry)(void*), void* parameter, u8 priority, u64 stack, u32 ticks);
static inline void delay(int milliseconds) {
    rt(nr_thread_mdelay, milliseconds);
}
static inline u32 tick_now(void) {
    return (u32)rt(nr_tick_get);
}
u64 length_of(const char* text);
int same_text(const char* a, const char* b);
void* memset(void* to, int byte, u64 count);
void* memcpy(void* to, const void* from, u64 count);

/// The program's own first function.
void rtt_main(void);

/// Errors of POSIX-like calls.
enum {
    eperm = 1,
    enoent = 2,
    esrch = 3,
    eintr = 4,
    ebadf = 9,
    echild = 10,
    eagain = 11,
    enomem = 12,
    eacces = 13,
    efault = 14,
    ebusy = 16,
    eexist = 17,
    enotdir = 20,
    eisdir = 21,
    einval = 22,
    enotty = 25,
    espipe = 29,
    erange = 34,
    enametoolong = 36,
    enosys = 38,
    enotempty = 39,
    emsgsize = 90,
    etimedout = 110,
};
struct timespec {
    long seconds, nanoseconds;
};
