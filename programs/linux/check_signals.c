// Signals: handlers, masks, queues, restart, alternative stacks, and waiting for them.
#include "check.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

static volatile sig_atomic_t count, last_signal, entered, depth, deepest;
static volatile siginfo_t last_info;

static void on_signal(int signal) {
    count++;
    last_signal = signal;
}

static void on_info(int signal, siginfo_t* info, void* context) {
    (void)context;
    count++;
    last_signal = signal;
    last_info = *info;
}

static void handle(int signal, void (*handler)(int), int flags) {
    struct sigaction action = {.sa_flags = flags};
    action.sa_handler = handler;
    CHECK_EQUAL(sigaction(signal, &action, NULL), 0);
}

static void handle_info(int signal, void (*handler)(int, siginfo_t*, void*), int flags) {
    struct sigaction action = {.sa_flags = flags | SA_SIGINFO};
    action.sa_sigaction = handler;
    CHECK_EQUAL(sigaction(signal, &action, NULL), 0);
}

static sigset_t set_of(int signal) {
    sigset_t set;
    sigemptyset(&set);
    if (signal != 0)
        sigaddset(&set, signal);
    return set;
}

static void block(int signal) {
    sigset_t set = set_of(signal);
    CHECK_EQUAL(sigprocmask(SIG_BLOCK, &set, NULL), 0);
}

static void unblock(int signal) {
    sigset_t set = set_of(signal);
    CHECK_EQUAL(sigprocmask(SIG_UNBLOCK, &set, NULL), 0);
}

static void handler_runs(void) {
    handle(SIGUSR1, on_signal, 0);
    CHECK_EQUAL(raise(SIGUSR1), 0);
    CHECK_EQUAL(count, 1);
    CHECK_EQUAL(last_signal, SIGUSR1);
    CHECK_EQUAL(kill(getpid(), SIGUSR1), 0);
    CHECK_EQUAL(count, 2);
}

static void sigaction_gives_old(void) {
    struct sigaction old, action = {.sa_flags = SA_RESTART | SA_NODEFER};
    action.sa_handler = on_signal;
    sigaddset(&action.sa_mask, SIGUSR2);
    CHECK_EQUAL(sigaction(SIGUSR1, NULL, &old), 0);
    CHECK(old.sa_handler == SIG_DFL);
    CHECK_EQUAL(sigaction(SIGUSR1, &action, &old), 0);
    CHECK_EQUAL(sigaction(SIGUSR1, NULL, &old), 0);
    CHECK(old.sa_handler == on_signal);
    CHECK_EQUAL(old.sa_flags & (SA_RESTART | SA_NODEFER | SA_SIGINFO), SA_RESTART | SA_NODEFER);
    CHECK_EQUAL(sigismember(&old.sa_mask, SIGUSR2), 1);
    CHECK_EQUAL(sigismember(&old.sa_mask, SIGUSR1), 0);
}

static void sigaction_refuses(void) {
    struct sigaction action = {.sa_flags = 0};
    action.sa_handler = SIG_IGN;
    CHECK_ERROR(sigaction(SIGKILL, &action, NULL), EINVAL);
    CHECK_ERROR(sigaction(SIGSTOP, &action, NULL), EINVAL);
    CHECK_ERROR(syscall(SYS_rt_sigaction, 65, &action, NULL, 8), EINVAL);
    CHECK_ERROR(syscall(SYS_rt_sigaction, 0, &action, NULL, 8), EINVAL);
    CHECK_ERROR(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 4), EINVAL);
    CHECK_ERROR(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, NULL, 4), EINVAL);
    sigset_t set = set_of(SIGUSR1);
    CHECK_ERROR(syscall(SYS_rt_sigprocmask, 7, &set, NULL, 8), EINVAL);
}

static void blocked_stays_pending(void) {
    handle(SIGUSR1, on_signal, 0);
    block(SIGUSR1);
    raise(SIGUSR1);
    raise(SIGUSR1);
    CHECK_EQUAL(count, 0);
    sigset_t pending;
    CHECK_EQUAL(sigpending(&pending), 0);
    CHECK_EQUAL(sigismember(&pending, SIGUSR1), 1);
    CHECK_EQUAL(sigismember(&pending, SIGUSR2), 0);
    unblock(SIGUSR1);
    CHECK_EQUAL(count, 1); // an ordinary signal is pending once
}

static void ignoring_drops_pending(void) {
    block(SIGUSR1);
    raise(SIGUSR1);
    handle(SIGUSR1, SIG_IGN, 0);
    handle(SIGUSR1, on_signal, 0);
    unblock(SIGUSR1);
    CHECK_EQUAL(count, 0);
}

static void cannot_block_kill(void) {
    sigset_t all, now;
    sigfillset(&all);
    CHECK_EQUAL(sigprocmask(SIG_SETMASK, &all, NULL), 0);
    CHECK_EQUAL(sigprocmask(SIG_SETMASK, NULL, &now), 0);
    CHECK_EQUAL(sigismember(&now, SIGKILL), 0);
    CHECK_EQUAL(sigismember(&now, SIGSTOP), 0);
    CHECK_EQUAL(sigismember(&now, SIGTERM), 1);
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    kill(child, SIGKILL);
    int status = wait_status(child);
    CHECK(WIFSIGNALED(status));
    CHECK_EQUAL(WTERMSIG(status), SIGKILL);
}

static void nested_handler(int signal) {
    depth++;
    if (depth > deepest)
        deepest = depth;
    if (++entered < 3)
        raise(signal);
    depth--;
}

static void blocked_in_own_handler(void) {
    handle(SIGUSR1, nested_handler, 0);
    raise(SIGUSR1);
    CHECK_EQUAL(entered, 3);
    CHECK_EQUAL(deepest, 1);
}

static void nodefer_nests(void) {
    handle(SIGUSR1, nested_handler, SA_NODEFER);
    raise(SIGUSR1);
    CHECK_EQUAL(deepest, 3);
}

static void raise_other(int signal) {
    (void)signal;
    raise(SIGUSR2);
    CHECK_EQUAL(count, 0);
    entered++;
}

static void mask_holds_in_handler(void) {
    handle(SIGUSR2, on_signal, 0);
    struct sigaction action = {.sa_flags = 0};
    action.sa_handler = raise_other;
    sigaddset(&action.sa_mask, SIGUSR2);
    CHECK_EQUAL(sigaction(SIGUSR1, &action, NULL), 0);
    raise(SIGUSR1);
    CHECK_EQUAL(entered, 1);
    CHECK_EQUAL(count, 1);
}

static void resethand(void) {
    handle(SIGUSR1, on_signal, SA_RESETHAND);
    raise(SIGUSR1);
    CHECK_EQUAL(count, 1);
    struct sigaction old;
    CHECK_EQUAL(sigaction(SIGUSR1, NULL, &old), 0);
    CHECK(old.sa_handler == SIG_DFL);
}

static void default_kills(void) {
    const int deadly[] = {SIGHUP, SIGINT, SIGQUIT, SIGABRT, SIGUSR1, SIGPIPE, SIGALRM, SIGTERM, SIGRTMAX};
    for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++) {
        pid_t child = fork();
        if (child == 0) {
            syscall(SYS_tgkill, getpid(), getpid(), deadly[i]);
            _exit(0);
        }
        int status = wait_status(child);
        CHECK(WIFSIGNALED(status));
        CHECK_EQUAL(WTERMSIG(status), deadly[i]);
    }
    static const int harmless[] = {SIGCHLD, SIGURG, SIGWINCH, SIGCONT};
    for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++)
        CHECK_EQUAL(raise(harmless[i]), 0);
}

static void restart(void) {
    int pipe_ends[2];
    CHECK_EQUAL(pipe(pipe_ends), 0);
    handle(SIGUSR1, on_signal, SA_RESTART);
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        pause_ms(50);
        kill(parent, SIGUSR1);
        pause_ms(50);
        _exit(write(pipe_ends[1], "x", 1) != 1);
    }
    char byte = 0;
    CHECK_EQUAL(read(pipe_ends[0], &byte, 1), 1);
    CHECK_EQUAL(byte, 'x');
    CHECK_EQUAL(count, 1);
    finish_child(child);
}

static void no_restart(void) {
    int pipe_ends[2];
    CHECK_EQUAL(pipe(pipe_ends), 0);
    handle(SIGUSR1, on_signal, 0);
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        pause_ms(50);
        _exit(kill(parent, SIGUSR1));
    }
    char byte = 0;
    CHECK_ERROR(read(pipe_ends[0], &byte, 1), EINTR);
    CHECK_EQUAL(count, 1);
    finish_child(child);
}

static void wait_restarts(void) {
    handle(SIGUSR1, on_signal, SA_RESTART);
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        pause_ms(50);
        kill(parent, SIGUSR1);
        pause_ms(50);
        _exit(3);
    }
    int status;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(WEXITSTATUS(status), 3);
    CHECK_EQUAL(count, 1);
}

// Calls that never restart, with or without SA_RESTART; nanosleep gives the rest of the time.
static void sleep_does_not_restart(void) {
    handle(SIGUSR1, on_signal, SA_RESTART);
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        pause_ms(50);
        kill(parent, SIGUSR1);
        pause_ms(100);
        _exit(kill(parent, SIGUSR1));
    }
    struct timespec time = {5, 0}, left = {0, 0};
    CHECK_ERROR(nanosleep(&time, &left), EINTR);
    CHECK(left.tv_sec == 4 && left.tv_nsec > 0);
    CHECK_ERROR(pause(), EINTR);
    finish_child(child);
}

// An ignored signal does not even wake a sleeper.
static void ignored_does_not_interrupt(void) {
    handle(SIGUSR1, SIG_IGN, 0);
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        pause_ms(30);
        _exit(kill(parent, SIGUSR1));
    }
    struct timespec time = {0, 150000000};
    CHECK_EQUAL(nanosleep(&time, NULL), 0);
    finish_child(child);
}

static void suspend_swaps_mask(void) {
    handle(SIGUSR1, on_signal, 0);
    block(SIGUSR1);
    raise(SIGUSR1);
    sigset_t none = set_of(0), now;
    CHECK_ERROR(sigsuspend(&none), EINTR);
    CHECK_EQUAL(count, 1);
    CHECK_EQUAL(sigprocmask(SIG_BLOCK, NULL, &now), 0);
    CHECK_EQUAL(sigismember(&now, SIGUSR1), 1);
}

static void timed_wait(void) {
    block(SIGUSR1);
    sigset_t set = set_of(SIGUSR1);
    struct timespec time = {0, 50000000};
    siginfo_t info;
    long start = now_ms();
    CHECK_ERROR(sigtimedwait(&set, &info, &time), EAGAIN);
    CHECK(now_ms() - start >= 49);
    CHECK_EQUAL(kill(getpid(), SIGUSR1), 0);
    CHECK_EQUAL(sigtimedwait(&set, &info, &time), SIGUSR1);
    CHECK_EQUAL(info.si_signo, SIGUSR1);
    CHECK_EQUAL(info.si_code, SI_USER);
    CHECK_EQUAL(info.si_pid, getpid());
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        pause_ms(50);
        _exit(kill(parent, SIGUSR1));
    }
    CHECK_EQUAL(sigwaitinfo(&set, &info), SIGUSR1);
    CHECK_EQUAL(info.si_pid, child);
    finish_child(child);
}

static int order[8], ordered;
static void note_order(int signal) {
    if (ordered < 8)
        order[ordered++] = signal;
}

static void realtime_queue(void) {
    handle_info(SIGRTMIN, on_info, 0);
    block(SIGRTMIN);
    for (int i = 0; i < 3; i++)
        CHECK_EQUAL(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 40 + i}), 0);
    unblock(SIGRTMIN);
    CHECK_EQUAL(count, 3);
    CHECK_EQUAL(last_info.si_value.sival_int, 42);
    CHECK_EQUAL(last_info.si_code, SI_QUEUE);
    CHECK_EQUAL(last_info.si_pid, getpid());
}

// The lowest signal is taken first, and each handler starts before the former one has run: the last taken runs first.
static void delivery_order(void) {
    static const int signals[] = {SIGUSR2, SIGUSR1, SIGHUP};
    for (int i = 0; i < 3; i++) {
        handle(signals[i], note_order, 0);
        block(signals[i]);
        raise(signals[i]);
    }
    sigset_t none = set_of(0);
    sigprocmask(SIG_SETMASK, &none, NULL);
    CHECK_EQUAL(ordered, 3);
    CHECK_EQUAL(order[0], SIGUSR2);
    CHECK_EQUAL(order[1], SIGUSR1);
    CHECK_EQUAL(order[2], SIGHUP);
}

static void kill_codes(void) {
    handle_info(SIGUSR1, on_info, 0);
    CHECK_EQUAL(kill(getpid(), SIGUSR1), 0);
    CHECK_EQUAL(last_info.si_code, SI_USER);
    CHECK_EQUAL(syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1), 0);
    CHECK_EQUAL(last_info.si_code, SI_TKILL);
    siginfo_t info = {.si_code = -60};
    info.si_signo = SIGUSR1;
    CHECK_EQUAL(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, &info), 0);
    CHECK_EQUAL(last_info.si_code, -60);
    CHECK_EQUAL(kill(getpid(), 0), 0);
    CHECK_ERROR(kill(0x3ffffff, 0), ESRCH);
    CHECK_ERROR(kill(getpid(), 65), EINVAL);
    CHECK_ERROR(kill(getpid(), -1), EINVAL);
    CHECK_ERROR(syscall(SYS_tgkill, getpid(), 0, SIGUSR1), EINVAL);
    CHECK_ERROR(syscall(SYS_tgkill, getpid(), 0x3ffffff, SIGUSR1), ESRCH);
}

static char* stack_low;
static volatile bool on_alternative;
enum { stack_size = 65536 };

static void look_at_stack(int signal) {
    (void)signal;
    char here;
    stack_t now;
    on_alternative = &here >= stack_low && &here < stack_low + stack_size;
    CHECK_EQUAL(sigaltstack(NULL, &now), 0);
    CHECK_EQUAL(now.ss_flags, SS_ONSTACK);
    CHECK_ERROR(sigaltstack(&now, NULL), EPERM);
}

static void alternative_stack(void) {
    stack_low = malloc(stack_size);
    stack_t stack = {.ss_sp = stack_low, .ss_size = stack_size}, old;
    CHECK_EQUAL(sigaltstack(&stack, &old), 0);
    CHECK_EQUAL(old.ss_flags, SS_DISABLE);
    handle(SIGUSR1, look_at_stack, SA_ONSTACK);
    raise(SIGUSR1);
    CHECK(on_alternative);
    CHECK_EQUAL(sigaltstack(NULL, &old), 0);
    CHECK(old.ss_sp == stack_low && old.ss_size == stack_size && old.ss_flags == 0);
    stack.ss_size = 100;
    CHECK_ERROR(sigaltstack(&stack, NULL), ENOMEM);
    stack.ss_flags = 99;
    CHECK_ERROR(sigaltstack(&stack, NULL), EINVAL);
}

static void child_signal(void) {
    handle_info(SIGCHLD, on_info, SA_RESTART);
    pid_t child = fork();
    if (child == 0)
        _exit(9);
    CHECK_EQUAL(WEXITSTATUS(wait_status(child)), 9);
    CHECK_EQUAL(count, 1);
    CHECK_EQUAL(last_info.si_code, CLD_EXITED);
    CHECK_EQUAL(last_info.si_pid, child);
    CHECK_EQUAL(last_info.si_status, 9);
    child = fork();
    if (child == 0)
        for (;;)
            pause();
    kill(child, SIGTERM);
    wait_status(child);
    CHECK_EQUAL(last_info.si_code, CLD_KILLED);
    CHECK_EQUAL(last_info.si_status, SIGTERM);
}

// Linux lets wait see a stop or a continue before it sends the SIGCHLD.
static void await_code(int code) {
    for (int tries = 0; last_info.si_code != code && tries < 1000; tries++)
        pause_ms(1);
    CHECK_EQUAL(last_info.si_code, code);
}

static void stop_and_continue(void) {
    handle_info(SIGCHLD, on_info, SA_RESTART);
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    int status;
    CHECK_EQUAL(kill(child, SIGSTOP), 0);
    CHECK_EQUAL(waitpid(child, &status, WUNTRACED), child);
    CHECK(WIFSTOPPED(status));
    CHECK_EQUAL(WSTOPSIG(status), SIGSTOP);
    await_code(CLD_STOPPED);
    await_state(child, "T");
    CHECK_EQUAL(kill(child, SIGCONT), 0);
    CHECK_EQUAL(waitpid(child, &status, WCONTINUED), child);
    CHECK(WIFCONTINUED(status));
    await_code(CLD_CONTINUED);
    await_state(child, "S");
    CHECK_EQUAL(kill(child, SIGSTOP), 0);
    CHECK_EQUAL(kill(child, SIGKILL), 0); // works on a stopped process
    CHECK_EQUAL(WTERMSIG(wait_status(child)), SIGKILL);
}

static void nocldstop(void) {
    handle_info(SIGCHLD, on_info, SA_RESTART | SA_NOCLDSTOP);
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    int status;
    kill(child, SIGSTOP);
    CHECK_EQUAL(waitpid(child, &status, WUNTRACED), child);
    CHECK_EQUAL(count, 0);
    kill(child, SIGKILL);
    wait_status(child);
    CHECK_EQUAL(count, 1);
}

static void ignored_children_vanish(void) {
    handle(SIGCHLD, SIG_IGN, 0);
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    CHECK_ERROR(waitpid(child, NULL, 0), ECHILD);
}

static void fork_keeps_mask_drops_pending(void) {
    handle(SIGUSR1, on_signal, 0);
    block(SIGUSR1);
    raise(SIGUSR1);
    pid_t child = fork();
    if (child == 0) {
        sigset_t set;
        CHECK_EQUAL(sigpending(&set), 0);
        CHECK_EQUAL(sigismember(&set, SIGUSR1), 0);
        CHECK_EQUAL(sigprocmask(SIG_BLOCK, NULL, &set), 0);
        CHECK_EQUAL(sigismember(&set, SIGUSR1), 1);
        _exit(0);
    }
    finish_child(child);
    unblock(SIGUSR1);
    CHECK_EQUAL(count, 1);
}

static const struct test tests[] = {
    TEST(handler_runs),
    TEST(sigaction_gives_old),
    TEST(sigaction_refuses),
    TEST(ignoring_drops_pending),
    TEST(blocked_stays_pending),
    TEST(cannot_block_kill),
    TEST(blocked_in_own_handler),
    TEST(nodefer_nests),
    TEST(mask_holds_in_handler),
    TEST(resethand),
    TEST(default_kills),
    TEST(restart),
    TEST(no_restart),
    TEST(wait_restarts),
    TEST(sleep_does_not_restart),
    TEST(ignored_does_not_interrupt),
    TEST(suspend_swaps_mask),
    TEST(timed_wait),
    TEST(realtime_queue),
    TEST(delivery_order),
    TEST(kill_codes),
    TEST(alternative_stack),
    TEST(child_signal),
    TEST(stop_and_continue),
    TEST(nocldstop),
    TEST(ignored_children_vanish),
    TEST(fork_keeps_mask_drops_pending),
};

int main(int argc, char** argv) {
    return RUN_TESTS(tests, argc, argv);
}
