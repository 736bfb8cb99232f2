// Processes: fork, exec, execve, wait, clone, futex, numbers and limits.
#include "rtt.h"

enum { clone_flags = 0x100 | 0x200 | 0x400 | 0x10000 | 0x40000 };
static volatile int word, clone_ran;
static u8 clone_stack[16384] __attribute__((aligned(16)));

static int exits_with(long child) {
    int status = -1;
    EXPECT(rt(nr_waitpid, child, &status, 0), child);
    return status;
}

static void forks(void) {
    int before = 1, status = -1;
    long child = rt(nr_fork);
    if (child == 0) {
        before = 2;
        rt(nr_exit_group, rt(nr_getpid) == rt(nr_gettid) ? before : 99);
    }
    CHECK(child > 1);
    EXPECT(exits_with(child), 2 << 8);
    EXPECT(before, 1);
    child = rt(nr_vfork);
    if (child == 0)
        rt(nr_exit, 3);
    EXPECT(exits_with(child), 3 << 8);
    EXPECT(rt(nr_waitpid, -1, &status, 0), -echild);
    child = rt(nr_fork);
    if (child == 0) {
        delay(50);
        rt(nr_exit_group, 0);
    }
    EXPECT(rt(nr_waitpid, child, &status, 1), 0);
    EXPECT(rt(nr_waitpid, child, 8, 0), -efault);
    EXPECT(rt(nr_waitpid, child, &status, 0x100), -einval);
    EXPECT(exits_with(child), 0);
    EXPECT(rt(nr_kill, child, 0), -esrch);
    // The child has the same objects.
    handle s = (handle)rt(nr_sem_create, "both", 0, 0);
    child = rt(nr_fork);
    if (child == 0) {
        delay(10);
        rt(nr_exit_group, rt(nr_sem_release, s) == 0 ? 0 : 1);
    }
    EXPECT(rt(nr_sem_take, s, 2000), 0);
    EXPECT(exits_with(child), 0);
    EXPECT(rt(nr_sem_delete, s), 0);
}

static char self_path[256];

static void programs(void) {
    char* words[] = {"self", "child", "two words", NULL};
    CHECK(rt(nr_readlink, "/proc/self/exe", self_path, sizeof self_path - 1) > 0);
    char* place[] = {"PLACE=here", NULL};
    long child = rt(nr_exec, self_path, 3, words, place);
    CHECK(child > 1);
    EXPECT(exits_with(child), 21 << 8);
    child = rt(nr_fork);
    if (child == 0) {
        rt(nr_execve, self_path, words, place);
        rt(nr_exit_group, 1);
    }
    EXPECT(exits_with(child), 21 << 8);
    EXPECT(rt(nr_exec, "/no/such", 1, words, NULL), -enoent);
    EXPECT(rt(nr_exec, 8, 1, words, NULL), -efault);
    EXPECT(rt(nr_exec, self_path, 1, 8, NULL), -efault);
    EXPECT(rt(nr_exec, self_path, -1, words, NULL), -einval);
    EXPECT(rt(nr_exec, "/etc/passwd", 1, words, NULL), -eacces);
    EXPECT(rt(nr_execve, "/no/such", words, NULL), -enoent);
    EXPECT(rt(nr_execve, self_path, 8, NULL), -efault);
    int status;
    EXPECT(rt(nr_waitpid, -1, &status, 0), -echild); // failed ones left no child
    // A program of another kernel.
    char* shell[] = {"sh", "-c", "exit 4", NULL};
    child = rt(nr_exec, "/bin/sh", 3, shell, NULL);
    CHECK(child > 1);
    EXPECT(exits_with(child), 4 << 8);
}

static void futexes(void) {
    struct timespec soon = {0, 20000000};
    word = 1;
    if (is_5_0) {
        EXPECT(rt(nr_futex, &word, 0, 2, NULL), -code.intr);
        EXPECT(rt(nr_get_errno), eagain);
        EXPECT(rt(nr_futex, &word, 1, 1), 0);
        EXPECT(rt(nr_futex, &word, 128, 1, NULL), -enosys);
        return;
    }
    EXPECT(rt(nr_futex, &word, 0, 2, NULL), -eagain);
    EXPECT(rt(nr_futex, &word, 128, 1, &soon), -etimedout);
    EXPECT(rt(nr_futex, &word, 1, 1), 0);
    EXPECT(rt(nr_futex, (long)&word + 1, 0, 1, NULL), -einval);
    EXPECT(rt(nr_futex, 8, 0, 1, NULL), -efault);
    EXPECT(rt(nr_futex, &word, 99, 1), -enosys);
    EXPECT(rt(nr_futex, &word, 4, 1, 1, &word, 5), -eagain);
}

/// The child begins behind the trap, on the stack that was given, so nothing of the caller's frame may be used.
static long clone_thread(u64* words) {
#if defined(__aarch64__)
    register long x8 asm("x8") = nr_clone;
    register long x0 asm("x0") = (long)words;
    asm volatile("svc #0\n cbnz x0, 1f\n"
                 " mov w1, #1\n adrp x2, clone_mark\n add x2, x2, :lo12:clone_mark\n str w1, [x2]\n"
                 " mov x8, #1\n mov x0, #0\n svc #0\n1:"
                 : "+r"(x0)
                 : "r"(x8)
                 : "x1", "x2", "memory");
    return x0;
#elif defined(__riscv)
    register long a7 asm("a7") = nr_clone;
    register long a0 asm("a0") = (long)words;
    asm volatile("ecall\n bnez a0, 1f\n"
                 " li a1, 1\n la a2, clone_mark\n sw a1, 0(a2)\n li a7, 1\n li a0, 0\n ecall\n1:"
                 : "+r"(a0), "+r"(a7)
                 :
                 : "a1", "a2", "memory");
    return a0;
#else
    long rax = nr_clone;
    asm volatile("syscall\n test %%rax, %%rax\n jnz 1f\n"
                 " movabs $clone_mark, %%rdx\n movl $1, (%%rdx)\n mov $1, %%eax\n xor %%edi, %%edi\n syscall\n1:"
                 : "+a"(rax)
                 : "D"(words)
                 : "rcx", "r11", "rdx", "memory");
    return rax;
#endif
}
__attribute__((used)) volatile int clone_mark;

static void clones(void) {
    int tid = -1;
    volatile int clear = 1;
    u64 words[7] = {
        clone_flags | 0x100000 | 0x200000, (u64)(clone_stack + sizeof clone_stack), (u64)&tid, 0, (u64)&clear};
    long made = clone_thread(words);
    CHECK(made > 1);
    EXPECT(tid, made);
    for (int i = 0; i < 100 && clear; i++)
        delay(2);
    EXPECT(clone_mark, 1);
    EXPECT(clear, 0); // and whoever waited for it was woken
    words[0] = 0x100;
    EXPECT(rt(nr_clone, words), -einval);
    EXPECT(rt(nr_clone, 8), -efault);
}

static void identity(void) {
    long self = rt(nr_getpid);
    CHECK(self > 1);
    EXPECT(rt(nr_gettid), self);
    EXPECT(rt(nr_set_tid_address, &clone_ran), self);
    rt(nr_set_tid_address, NULL);
    u64 limit[2];
    EXPECT(rt(nr_getrlimit, 3, limit), 0);
    EXPECT(rt(nr_getrlimit, 99, limit), -einval);
    EXPECT(rt(nr_getrlimit, 3, 8), -efault);
    EXPECT(rt(nr_setrlimit, 3, limit), 0);
    EXPECT(rt(nr_prlimit64, 0, 3, NULL, limit), 0);
    EXPECT(rt(nr_prlimit64, 30000, 3, NULL, limit), -esrch);
    EXPECT(rt(nr_setsid) > 0 || rt(nr_setsid) == -eperm, 1);
    if (is_5_0) {
        EXPECT(rt(nr_getppid), -enosys); // later than 5.0.x
        EXPECT(rt(nr_openat, -100, "/", 0, 0), -enosys);
        return;
    }
    CHECK(rt(nr_getppid) >= 1);
    CHECK(rt(nr_getpgid, 0) > 0);
    CHECK(rt(nr_getsid, 0) > 0);
    EXPECT(rt(nr_getsid, 30000), -esrch);
    EXPECT(rt(nr_setpgid, 0, -1), -einval);
    u64 head[3] = {(u64)head}, found = 0, size = 0;
    EXPECT(rt(nr_set_robust_list, head, 24), 0);
    EXPECT(rt(nr_set_robust_list, head, 23), -einval);
    EXPECT(rt(nr_get_robust_list, 0, &found, &size), 0);
    EXPECT(found, head);
    EXPECT(size, 24);
    rt(nr_set_robust_list, NULL, 24);
    int status;
    long child = rt(nr_fork);
    if (child == 0)
        rt(nr_exit_group, 6);
    u64 usage[18];
    EXPECT(rt(nr_wait4, child, &status, 0, usage), child);
    EXPECT(status, 6 << 8);
}

static void user_mutexes(void) {
    u64 mutex[6] = {0}; // type normal
    struct timespec past = {1, 0};
    if (!is_5_0) {
        EXPECT(rt(nr_pmutex, mutex, 0, NULL), -enosys);
        return;
    }
    EXPECT(rt(nr_pmutex, mutex, 0, NULL), 0);
    EXPECT(rt(nr_pmutex, mutex, 1, NULL), 0);
    EXPECT(rt(nr_pmutex, mutex, 2, NULL), 0);
    EXPECT(rt(nr_pmutex, mutex, 2, NULL), -eperm);
    EXPECT(rt(nr_pmutex, mutex, 3, NULL), 0);
    EXPECT(rt(nr_pmutex, mutex, 3, NULL), -einval);
    EXPECT(rt(nr_pmutex, mutex, 7, NULL), -einval);
    EXPECT(rt(nr_pmutex, 8, 0, NULL), -efault);
    mutex[0] = 2; // checks errors
    EXPECT(rt(nr_pmutex, mutex, 1, NULL), 0);
    EXPECT((u32)(mutex[0] >> 32), rt(nr_gettid)); // the second word is the owner
    EXPECT(rt(nr_pmutex, mutex, 1, NULL), -35);
    EXPECT(rt(nr_pmutex, mutex, 2, NULL), 0);
    mutex[0] = 1; // recursive: it is another mutex, which is made again
    EXPECT(rt(nr_pmutex, mutex, 0, NULL), 0);
    EXPECT(rt(nr_pmutex, mutex, 1, &past), 0);
    EXPECT(rt(nr_pmutex, mutex, 1, NULL), 0);
    EXPECT(rt(nr_pmutex, mutex, 2, NULL), 0);
    EXPECT(rt(nr_pmutex, mutex, 2, NULL), 0);
    EXPECT(rt(nr_pmutex, mutex, 3, NULL), 0);
}

static volatile int done_meddling;
static volatile long guess;

/// Changes threads that are just being made, by the numbers they are going to have.
static void meddle(void* unused) {
    (void)unused;
    int priority = 30;
    u64 cpus = ~0ul;
    while (!done_meddling)
        for (long tid = guess; tid < guess + 4; tid++) {
            rt(nr_sched_setparam, tid, &priority);
            rt(nr_sched_setaffinity, tid, 8, &cpus);
        }
    done_meddling = 2;
}

static void nothing(void* unused) {
    (void)unused;
}

static void unborn(void) {
    guess = rt(nr_gettid) + 1;
    CHECK(start_thread("meddle", meddle, NULL, 25) != 0);
    for (int i = 0; i < 300; i++) {
        handle made = make_thread("unborn", nothing, NULL, 26, 16384, 1);
        CHECK(made != 0);
        guess = guess > 30000 ? 3 : guess + 1;
        EXPECT(rt(nr_thread_delete, made), 0);
    }
    done_meddling = 1;
    for (int i = 0; i < 1000 && done_meddling != 2; i++)
        delay(1);
    EXPECT(done_meddling, 2);
}

void rtt_main(void) {
    if (argument_count == 3 && same_text(arguments[1], "child"))
        rt(nr_exit_group, same_text(arguments[2], "two words") && same_text(environment[0], "PLACE=here") ? 21 : 22);
    forks();
    programs();
    futexes();
    clones();
    identity();
    user_mutexes();
    unborn();
    finish("process");
}
