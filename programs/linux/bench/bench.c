// bench [OPERATION...]: instructions (or nanoseconds) per operation. The same program runs on Linux and on Tetrapylon.
// Under QEMU's `-icount shift=0,sleep=off` the machine's counter advances by one nanosecond for each instruction, so
// the numbers are instructions, the user's own few included; without icount they are nanoseconds. Each operation is
// done in batches; printed are the least, the median and the 95th hundredth of the batches' means. Only operations that
// never leave the processor idle are timed.
#define _GNU_SOURCE
#include "raw.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALL0(n) raw_call(n, 0, 0, 0, 0, 0, 0)
#define CALL1(n, a) raw_call(n, (long)(a), 0, 0, 0, 0, 0)
#define CALL2(n, a, b) raw_call(n, (long)(a), (long)(b), 0, 0, 0, 0)
#define CALL3(n, a, b, c) raw_call(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define CALL4(n, a, b, c, d) raw_call(n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)

enum { batches = 51, page = 4096 };

static int zero_fd, null_fd, file_fd, ends[2], to_child[2], from_child[2];
static pid_t partner;
static char buffer[65536] __attribute__((aligned(4096)));
static char* area;
static struct stat status;
static struct timespec now;
static int word;
static const char* self_path;

static double nanoseconds_per_tick = 1;

static inline uint64_t ticks(void) {
    uint64_t value;
#if defined(__aarch64__)
    asm volatile("isb; mrs %0, cntvct_el0; isb" : "=r"(value)::"memory");
#elif defined(__riscv)
    asm volatile("rdtime %0" : "=r"(value)::"memory");
#else
    unsigned low, high;
    asm volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
    value = (uint64_t)high << 32 | low;
#endif
    return value;
}

// The length of a tick, from the clock; on aarch64 the processor says it.
static void calibrate(void) {
#if defined(__aarch64__)
    uint64_t frequency;
    asm volatile("mrs %0, cntfrq_el0" : "=r"(frequency));
    nanoseconds_per_tick = 1e9 / (double)frequency;
#elif defined(__riscv)
    nanoseconds_per_tick = 100; // QEMU's virt machine: 10 MHz
#endif
}

// ---- the operations -------------------------------------------------------------------------------------------------

static void nothing(void) {
    asm volatile("" ::: "memory");
}
static void get_ppid(void) {
    CALL0(SYS_getppid);
}
static void bad_number(void) {
    CALL0(1000);
}
static void read_zero(void) {
    CALL3(SYS_read, zero_fd, buffer, 1);
}
static void write_null(void) {
    CALL3(SYS_write, null_fd, buffer, 1);
}
static void close_bad(void) {
    CALL1(SYS_close, 1000);
}
static void file_status(void) {
    CALL2(SYS_fstat, file_fd, &status);
}
static void seek(void) {
    CALL3(SYS_lseek, file_fd, 0, SEEK_SET);
}
static void read_4k(void) {
    CALL4(SYS_pread64, file_fd, buffer, page, 0);
}
static void write_4k(void) {
    CALL4(SYS_pwrite64, file_fd, buffer, page, 0);
}
static void read_64k(void) {
    CALL4(SYS_pread64, file_fd, buffer, 65536, 0);
}
static void open_close(void) {
    CALL1(SYS_close, CALL4(SYS_openat, AT_FDCWD, "/tmp/bench", O_RDONLY, 0));
}
static void dup_close(void) {
    CALL1(SYS_close, CALL1(SYS_dup, file_fd));
}
static void clock_time(void) {
    CALL2(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
}
static void wake_nobody(void) {
    CALL3(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1);
}
static void yield(void) {
    CALL0(SYS_sched_yield);
}
static void signal_self(void) {
    CALL2(SYS_kill, getpid(), SIGUSR1);
}

static void pipe_self(void) {
    CALL3(SYS_write, ends[1], buffer, 1);
    CALL3(SYS_read, ends[0], buffer, 1);
}

static void pipe_round_trip(void) {
    CALL3(SYS_write, to_child[1], buffer, 1);
    CALL3(SYS_read, from_child[0], buffer, 1);
}

static void map_touch_unmap(void) {
    volatile char* at = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *at = 1;
    CALL2(SYS_munmap, at, page);
}

static void protect_twice(void) {
    CALL3(SYS_mprotect, area, page, PROT_READ);
    CALL3(SYS_mprotect, area, page, PROT_READ | PROT_WRITE);
}

static void give_back_and_touch(void) {
    CALL3(SYS_madvise, area, 16 * page, MADV_DONTNEED);
    for (int i = 0; i < 16; i++)
        ((volatile char*)area)[i * page] = 1;
}

static void fork_wait(void) {
    pid_t child = fork();
    if (child == 0)
        CALL1(SYS_exit_group, 0);
    CALL4(SYS_wait4, child, 0, 0, 0);
}

static void fork_exec_wait(void) {
    char* const arguments[] = {"bench", "@nothing", NULL};
    char* const environment[] = {NULL};
    pid_t child = fork();
    if (child == 0) {
        CALL3(SYS_execve, self_path, arguments, environment);
        CALL1(SYS_exit_group, 99);
    }
    CALL4(SYS_wait4, child, 0, 0, 0);
}

static void* end_at_once(void* unused) {
    return unused;
}

static void thread_join(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, end_at_once, NULL);
    pthread_join(thread, NULL);
}

// ---- measuring ------------------------------------------------------------------------------------------------------

static const struct operation {
    const char* name;
    void (*run)(void);
    int turns; // in a batch
} operations[] = {
    {"nothing", nothing, 1000},
    {"getppid", get_ppid, 64},
    {"bad-number", bad_number, 64},
    {"read-zero", read_zero, 64},
    {"write-null", write_null, 64},
    {"close-bad", close_bad, 64},
    {"fstat", file_status, 64},
    {"lseek", seek, 64},
    {"dup+close", dup_close, 64},
    {"open+close", open_close, 32},
    {"pread-4k", read_4k, 64},
    {"pwrite-4k", write_4k, 64},
    {"pread-64k", read_64k, 8},
    {"clock-gettime", clock_time, 64},
    {"futex-wake-nobody", wake_nobody, 64},
    {"sched-yield", yield, 64},
    {"signal-self", signal_self, 32},
    {"pipe-self", pipe_self, 64},
    {"pipe-round-trip", pipe_round_trip, 32},
    {"mmap+touch+munmap", map_touch_unmap, 32},
    {"mprotect-twice", protect_twice, 32},
    {"fault-16-pages", give_back_and_touch, 8},
    {"thread+join", thread_join, 1},
    {"fork+exit+wait", fork_wait, 1},
    {"fork+exec+exit+wait", fork_exec_wait, 1},
};

static int by_size(const void* left, const void* right) {
    double difference = *(const double*)left - *(const double*)right;
    return (difference > 0) - (difference < 0);
}

// The mean of each of the batches, sorted.
static void measure(const struct operation* operation, double* means) {
    for (int i = 0; i < 3; i++)
        operation->run();
    for (int batch = 0; batch < batches; batch++) {
        uint64_t start = ticks();
        for (int i = 0; i < operation->turns; i++)
            operation->run();
        means[batch] = (double)(ticks() - start) * nanoseconds_per_tick / operation->turns;
    }
    qsort(means, batches, sizeof *means, by_size);
}

static void on_signal(int signal) {
    (void)signal;
}

static void serve_round_trips(void) {
    char byte;
    close(to_child[1]);
    close(from_child[0]);
    while (CALL3(SYS_read, to_child[0], &byte, 1) == 1)
        CALL3(SYS_write, from_child[1], &byte, 1);
    _exit(0);
}

static bool prepare(void) {
    zero_fd = open("/dev/zero", O_RDONLY);
    null_fd = open("/dev/null", O_WRONLY);
    file_fd = open("/tmp/bench", O_CREAT | O_RDWR, 0644);
    area = mmap(NULL, 16 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct sigaction action = {.sa_flags = 0};
    action.sa_handler = on_signal;
    if (zero_fd < 0 || null_fd < 0 || file_fd < 0 || area == MAP_FAILED || sigaction(SIGUSR1, &action, NULL) != 0)
        return false;
    if (write(file_fd, buffer, sizeof buffer) != sizeof buffer || pipe(ends) != 0 || pipe(to_child) != 0)
        return false;
    if (pipe(from_child) != 0 || (partner = fork()) < 0)
        return false;
    if (partner == 0)
        serve_round_trips();
    close(to_child[0]);
    close(from_child[1]);
    return true;
}

static bool chosen(const char* name, int argc, char** argv) {
    for (int i = 1; i < argc; i++)
        if (strcmp(name, argv[i]) == 0)
            return true;
    return argc < 2;
}

int main(int argc, char** argv) {
    static char path[256];
    if (argc > 1 && strcmp(argv[1], "@nothing") == 0)
        return 0;
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    self_path = length > 0 ? path : argv[0];
    calibrate();
    if (!prepare()) {
        perror("bench");
        return 1;
    }
    printf("%-24s %12s %12s %12s\n", "operation", "least", "median", "p95");
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        double means[batches];
        if (!chosen(operations[i].name, argc, argv))
            continue;
        measure(&operations[i], means);
        printf(
            "%-24s %12.1f %12.1f %12.1f\n", operations[i].name, means[0], means[batches / 2],
            means[batches * 95 / 100]);
        fflush(stdout);
    }
    close(to_child[1]);
    wait4(partner, NULL, 0, NULL);
    return 0;
}
