// Processes: wait in its forms, orphans, groups and sessions, limits, threads that end together, clone.
#include "check.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>

static pid_t child_that_exits(int status) {
    pid_t child = fork();
    if (child == 0)
        _exit(status);
    return child;
}

static pid_t child_that_waits(void) {
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    return child;
}

static void end(pid_t child) {
    kill(child, SIGKILL);
    wait_status(child);
}

static void exit_status(void) {
    CHECK_EQUAL(WEXITSTATUS(wait_status(child_that_exits(0))), 0);
    CHECK_EQUAL(WEXITSTATUS(wait_status(child_that_exits(255))), 255);
    CHECK_EQUAL(WEXITSTATUS(wait_status(child_that_exits(0x1234))), 0x34);
    CHECK_ERROR(wait(NULL), ECHILD);
    CHECK_ERROR(waitpid(getpid(), NULL, 0), ECHILD);
    CHECK_ERROR(waitpid(-1, NULL, 0x40), EINVAL);
}

static void without_hanging(void) {
    pid_t child = child_that_waits();
    int status = 5;
    CHECK_EQUAL(waitpid(child, &status, WNOHANG), 0);
    CHECK_EQUAL(waitpid(-1, &status, WNOHANG), 0);
    CHECK_EQUAL(status, 5);
    kill(child, SIGKILL);
    await_state(child, "Z");
    CHECK_EQUAL(waitpid(child, &status, WNOHANG), child);
    CHECK_EQUAL(status, SIGKILL);
    CHECK_ERROR(waitpid(child, &status, WNOHANG), ECHILD);
}

static void zombies(void) {
    pid_t child = child_that_exits(3);
    await_state(child, "Z");
    CHECK_EQUAL(kill(child, 0), 0); // it is still there
    CHECK_EQUAL(kill(child, SIGTERM), 0);
    CHECK_EQUAL(WEXITSTATUS(wait_status(child)), 3);
    CHECK_ERROR(kill(child, 0), ESRCH);
}

static void wait_id(void) {
    pid_t child = child_that_exits(9);
    siginfo_t info;
    memset(&info, 0, sizeof info);
    CHECK_EQUAL(waitid(P_PID, child, &info, WEXITED | WNOWAIT), 0);
    CHECK(info.si_pid == child && info.si_code == CLD_EXITED && info.si_status == 9 && info.si_signo == SIGCHLD);
    CHECK_EQUAL(waitid(P_ALL, 0, &info, WEXITED), 0);
    CHECK_EQUAL(info.si_pid, child);
    CHECK_ERROR(waitid(P_ALL, 0, &info, WEXITED), ECHILD);
    CHECK_ERROR(waitid(P_ALL, 0, &info, 0), EINVAL);
    child = child_that_waits();
    CHECK_EQUAL(waitid(P_PID, child, &info, WEXITED | WNOHANG), 0);
    CHECK_EQUAL(info.si_pid, 0);
    kill(child, SIGSTOP);
    CHECK_EQUAL(waitid(P_PID, child, &info, WSTOPPED), 0);
    CHECK(info.si_code == CLD_STOPPED && info.si_status == SIGSTOP);
    end(child);
}

static void wait_for_group(void) {
    pid_t first = child_that_waits(), second = child_that_exits(4);
    CHECK_EQUAL(setpgid(first, first), 0);
    int status;
    CHECK_EQUAL(waitpid(0, &status, 0), second);
    CHECK_EQUAL(waitpid(-first, &status, WNOHANG), 0);
    kill(-first, SIGTERM);
    CHECK_EQUAL(waitpid(-first, &status, 0), first);
    CHECK_ERROR(waitpid(-first, &status, 0), ECHILD);
}

static void usage(void) {
    pid_t child = fork();
    if (child == 0) {
        volatile unsigned work = 0;
        for (long until = now_ms() + 100; now_ms() < until;)
            work++;
        _exit(0);
    }
    struct rusage used;
    int status;
    CHECK_EQUAL(wait4(child, &status, 0, &used), child);
    CHECK(
        used.ru_utime.tv_sec > 0 || used.ru_stime.tv_sec > 0 || used.ru_utime.tv_usec + used.ru_stime.tv_usec > 10000);
    CHECK_EQUAL(getrusage(RUSAGE_CHILDREN, &used), 0);
    CHECK(used.ru_utime.tv_sec > 0 || used.ru_utime.tv_usec + used.ru_stime.tv_usec > 10000);
    CHECK_EQUAL(getrusage(RUSAGE_SELF, &used), 0);
    CHECK_ERROR(getrusage(99, &used), EINVAL);
}

// An orphan gets another parent: process 1, or the nearest ancestor that asked for them.
static void orphans(void) {
    CHECK_EQUAL(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
    int ends[2];
    CHECK_EQUAL(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        pid_t grandchild = fork();
        if (grandchild == 0) {
            pause_ms(50);
            _exit(7);
        }
        _exit(write(ends[1], &grandchild, sizeof grandchild) != sizeof grandchild);
    }
    pid_t grandchild;
    CHECK_EQUAL(read(ends[0], &grandchild, sizeof grandchild), sizeof grandchild);
    finish_child(child);
    CHECK_EQUAL(WEXITSTATUS(wait_status(grandchild)), 7);
    CHECK_EQUAL(prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0), 0);
    child = fork();
    if (child == 0) {
        if (fork() == 0) {
            while (getppid() != 1)
                pause_ms(1);
            _exit(write(ends[1], "ok", 2) != 2);
        }
        _exit(0);
    }
    finish_child(child);
    char text[2];
    CHECK_EQUAL(read(ends[0], text, 2), 2);
}

static void parent_death_signal(void) {
    int ends[2];
    CHECK_EQUAL(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        if (fork() == 0) {
            CHECK_EQUAL(prctl(PR_SET_PDEATHSIG, SIGKILL), 0);
            CHECK_EQUAL(write(ends[1], "x", 1), 1);
            for (;;)
                pause();
        }
        char byte;
        _exit(read(ends[0], &byte, 1) != 1);
    }
    finish_child(child);
    close(ends[1]);
    char byte;
    CHECK_EQUAL(read(ends[0], &byte, 1), 0); // the grandchild is dead when its end closes
}

static void groups_and_sessions(void) {
    CHECK_EQUAL(getpgid(0), getpgrp());
    pid_t child = fork();
    if (child == 0) {
        CHECK_EQUAL(getpgrp(), getpgid(getppid()));
        pid_t session = setsid();
        CHECK_EQUAL(session, getpid());
        CHECK(getsid(0) == session && getpgrp() == session);
        CHECK_ERROR(setsid(), EPERM);
        CHECK_ERROR(setpgid(0, 0), EPERM);
        _exit(0);
    }
    finish_child(child);
    child = child_that_waits();
    CHECK_EQUAL(setpgid(child, 0), 0);
    CHECK_EQUAL(getpgid(child), child);
    CHECK_ERROR(setpgid(child, 0x3ffffff), EPERM);
    CHECK_ERROR(setpgid(child, -1), EINVAL);
    CHECK_ERROR(setpgid(1, 0), ESRCH);
    CHECK_ERROR(getpgid(0x3ffffff), ESRCH);
    CHECK_EQUAL(kill(-child, SIGTERM), 0);
    CHECK_EQUAL(wait_status(child), SIGTERM);
}

static void names(void) {
    char name[17] = "";
    CHECK_EQUAL(prctl(PR_SET_NAME, "a name that is much too long"), 0);
    CHECK_EQUAL(prctl(PR_GET_NAME, name), 0);
    CHECK_EQUAL(strcmp(name, "a name that is "), 0);
    char line[64] = "";
    int fd = open("/proc/self/comm", O_RDONLY);
    CHECK_EQUAL(read(fd, line, sizeof line), 16);
    CHECK_EQUAL(strcmp(line, "a name that is \n"), 0);
    struct utsname system;
    CHECK_EQUAL(uname(&system), 0);
    CHECK_EQUAL(strcmp(system.sysname, "Linux"), 0);
#if defined(__aarch64__)
    CHECK_EQUAL(strcmp(system.machine, "aarch64"), 0);
#elif defined(__riscv)
    CHECK_EQUAL(strcmp(system.machine, "riscv64"), 0);
#else
    CHECK_EQUAL(strcmp(system.machine, "x86_64"), 0);
#endif
}

static void file_limits(void) {
    struct rlimit limit = {20, 30}, now;
    CHECK_EQUAL(setrlimit(RLIMIT_NOFILE, &limit), 0);
    CHECK_EQUAL(getrlimit(RLIMIT_NOFILE, &now), 0);
    CHECK(now.rlim_cur == 20 && now.rlim_max == 30);
    int fd, last = -1;
    while ((fd = open("/dev/null", O_RDONLY)) >= 0)
        last = fd;
    CHECK_EQUAL(errno, EMFILE);
    CHECK_EQUAL(last, 19);
    CHECK_ERROR(dup2(0, 20), EBADF);
    CHECK_ERROR(fcntl(0, F_DUPFD, 20), EINVAL);
    CHECK_ERROR(pipe((int[2]){0}), EMFILE);
    close(last);
    limit.rlim_cur = 31;
    CHECK_ERROR(setrlimit(RLIMIT_NOFILE, &limit), EINVAL);
    CHECK_ERROR(getrlimit(99, &limit), EINVAL);
    signal(SIGXFSZ, SIG_IGN);
    fd = file_with("file", "");
    limit = (struct rlimit){100, 100};
    CHECK_EQUAL(setrlimit(RLIMIT_FSIZE, &limit), 0);
    static char block[150];
    CHECK_EQUAL(write(fd, block, 150), 100);
    CHECK_ERROR(write(fd, block, 1), EFBIG);
    CHECK_ERROR(ftruncate(fd, 101), EFBIG);
    signal(SIGXFSZ, SIG_DFL);
    pid_t child = fork();
    if (child == 0)
        _exit(write(fd, block, 1) == 1);
    CHECK_EQUAL(wait_status(child) & 0x7f, SIGXFSZ);
}

static void* wait_for_ever(void* unused) {
    for (;;)
        pause();
    return unused;
}

static void start_threads(int count, void* (*run)(void*)) {
    for (int i = 0; i < count; i++) {
        pthread_t thread;
        CHECK_EQUAL(pthread_create(&thread, NULL, run, NULL), 0);
    }
}

static void* exit_program(void* unused) {
    (void)unused;
    pause_ms(20);
    _exit(11);
}

static void* spin(void* unused) {
    for (;;)
        asm volatile("" ::: "memory");
    return unused;
}

static void threads_end_together(void) {
    pid_t child = fork();
    if (child == 0) {
        start_threads(5, wait_for_ever);
        start_threads(2, spin);
        start_threads(1, exit_program);
        for (;;)
            pause();
    }
    CHECK_EQUAL(WEXITSTATUS(wait_status(child)), 11);
    child = fork();
    if (child == 0) {
        start_threads(5, wait_for_ever);
        start_threads(2, spin);
        pause_ms(20);
        abort();
    }
    CHECK_EQUAL(wait_status(child) & 0x7f, SIGABRT);
}

// The first thread may end before the others: the process lives on.
static void leader_ends_first(void) {
    pid_t child = fork();
    if (child == 0) {
        start_threads(1, exit_program);
        syscall(SYS_exit, 3);
    }
    CHECK_EQUAL(WEXITSTATUS(wait_status(child)), 11);
}

static void* call_gettid(void* result) {
    *(pid_t*)result = (pid_t)syscall(SYS_gettid);
    return (void*)(long)getpid();
}

static void thread_numbers(void) {
    pid_t tid = 0;
    void* pid;
    pthread_t thread;
    CHECK_EQUAL(syscall(SYS_gettid), getpid());
    CHECK_EQUAL(pthread_create(&thread, NULL, call_gettid, &tid), 0);
    CHECK_EQUAL(pthread_join(thread, &pid), 0);
    CHECK_EQUAL((long)pid, getpid());
    CHECK(tid != getpid() && tid > 0);
}

static int shared_value;

static int in_clone(void* fd) {
    shared_value++;
    return chdir("/") == 0 && close(*(int*)fd) == 0 ? 12 : 13;
}

static void clone_flags(void) {
    static char stack[65536] __attribute__((aligned(16)));
    char here[256];
    int fd = open("/dev/null", O_RDONLY);
    pid_t child = clone(in_clone, stack + sizeof stack, CLONE_VM | CLONE_FS | CLONE_FILES | SIGCHLD, &fd);
    CHECK_EQUAL(WEXITSTATUS(wait_status(child)), 12);
    CHECK_EQUAL(shared_value, 1);
    CHECK_EQUAL(strcmp(getcwd(here, sizeof here), "/"), 0);
    CHECK_ERROR(close(fd), EBADF);
    CHECK_ERROR(clone(in_clone, stack + sizeof stack, CLONE_THREAD | SIGCHLD, &fd), EINVAL);
    CHECK_ERROR(clone(in_clone, stack + sizeof stack, CLONE_SIGHAND | SIGCHLD, &fd), EINVAL);
    fd = open("/dev/null", O_RDONLY);
    pid_t tid = 0;
    child = clone(in_clone, stack + sizeof stack, CLONE_PARENT_SETTID | SIGCHLD, &fd, &tid);
    CHECK_EQUAL(tid, child);
    CHECK_EQUAL(WEXITSTATUS(wait_status(child)), 12);
    CHECK_EQUAL(shared_value, 1);
    CHECK_EQUAL(close(fd), 0);
}

static void priorities(void) {
    errno = 0;
    CHECK_EQUAL(getpriority(PRIO_PROCESS, 0), 0);
    CHECK_EQUAL(setpriority(PRIO_PROCESS, 0, 5), 0);
    CHECK_EQUAL(getpriority(PRIO_PROCESS, 0), 5);
    CHECK_EQUAL(setpriority(PRIO_PROCESS, 0, 100), 0);
    CHECK_EQUAL(getpriority(PRIO_PROCESS, 0), 19);
    CHECK_ERROR(getpriority(9, 0), EINVAL);
    CHECK_ERROR(setpriority(PRIO_PROCESS, 0x3ffffff, 0), ESRCH);
    CHECK_EQUAL(sched_getscheduler(0), SCHED_OTHER);
    CHECK_EQUAL(sched_yield(), 0);
    cpu_set_t cpus;
    CHECK_EQUAL(sched_getaffinity(0, sizeof cpus, &cpus), 0);
    CHECK(CPU_COUNT(&cpus) >= 1);
}

// A process that ties itself to another processor runs there when the call returns.
static void affinity(void) {
    cpu_set_t all, one;
    CHECK_EQUAL(sched_getaffinity(0, sizeof all, &all), 0);
    for (int round = 0; round < 20; round++)
        for (int cpu = 0; cpu < CPU_COUNT(&all); cpu++) {
            CPU_ZERO(&one);
            CPU_SET(cpu, &one);
            CHECK_EQUAL(sched_setaffinity(0, sizeof one, &one), 0);
            CHECK_EQUAL(sched_getcpu(), cpu);
            sched_yield();
            CHECK_EQUAL(sched_getcpu(), cpu);
        }
    CHECK_EQUAL(sched_setaffinity(0, sizeof all, &all), 0);
    CPU_ZERO(&one);
    CHECK_ERROR(sched_setaffinity(0, sizeof one, &one), EINVAL);
}

static void identities(void) {
    uid_t real, effective, saved;
    CHECK_EQUAL(getresuid(&real, &effective, &saved), 0);
    CHECK(real == getuid() && effective == geteuid());
    pid_t child = fork();
    if (child == 0) {
        int fd = file_with("secret", "x");
        fchmod(fd, 0600);
        CHECK_EQUAL(setgid(1000), 0);
        CHECK_EQUAL(setuid(1000), 0);
        CHECK(getuid() == 1000 && geteuid() == 1000 && getegid() == 1000);
        CHECK_ERROR(setuid(0), EPERM);
        CHECK_ERROR(open("secret", O_RDONLY), EACCES);
        CHECK_ERROR(open("new", O_CREAT | O_RDWR, 0600), EACCES);
        CHECK_ERROR(kill(1, 0), EPERM);
        CHECK_ERROR(chmod("secret", 0666), EPERM);
        _exit(0);
    }
    finish_child(child);
}

static void many_children(void) {
    enum { count = 200 };
    for (int i = 0; i < count; i++)
        CHECK(child_that_exits(i & 0x7f) > 0);
    int sum = 0, expected = 0, status;
    for (int i = 0; i < count; i++) {
        CHECK(wait(&status) > 0);
        sum += WEXITSTATUS(status);
        expected += i & 0x7f;
    }
    CHECK_EQUAL(sum, expected);
    CHECK_ERROR(wait(&status), ECHILD);
}

static const struct test tests[] = {
    TEST(exit_status),
    TEST(without_hanging),
    TEST(zombies),
    TEST(wait_id),
    TEST(wait_for_group),
    TEST(usage),
    TEST(orphans),
    TEST(parent_death_signal),
    TEST(groups_and_sessions),
    TEST(names),
    TEST(file_limits),
    TEST(threads_end_together),
    TEST(leader_ends_first),
    TEST(thread_numbers),
    TEST(clone_flags),
    TEST(priorities),
    TEST(affinity),
    TEST(identities),
    TEST(many_children),
};

int main(int argc, char** argv) {
    return RUN_TESTS(tests, argc, argv);
}
