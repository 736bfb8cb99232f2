// Signals: handlers with RT-Thread's frame, nested and masked, interrupted calls, default actions.
#include "rtt.h"

struct action {
    u64 handler, flags, restorer, mask;
};
enum {
    sigint = 2,
    sigusr1 = 10,
    sigusr2 = 12,
    sigsegv = 11,
    sigalrm = 14,
    sigterm = 15,
    sigchld = 17,
    sa_restart = 0x10000000,
    block = 0,
    unblock = 1,
    setmask = 2
};
#define BIT(signal) (1ul << ((signal) - 1))

static volatile int seen1, seen2, depth, deepest, info_signal, info_code;
static volatile u64 frame_pc, mask_inside;
static double kept;

static void set_action(int number, void* handler, u64 flags, u64 mask) {
    struct action action = {.handler = (u64)handler, .flags = flags, .mask = mask};
    EXPECT(rt(nr_sigaction, number, &action, NULL, 8), 0);
}

static u64 mask_now(void) {
    u64 mask = 0;
    EXPECT(rt(nr_thread_sigprocmask, block, NULL, &mask, 8), 0);
    return mask;
}

static void simple(int number, int* info, u64* registers) {
    seen1 += number == sigusr1;
    seen2 += number == sigusr2;
    kept = kept * 3 + number; // changes floating-point registers
    if (!is_5_0 && info) {
        info_signal = info[0];
        info_code = info[2];
        frame_pc = registers[0];
    }
    mask_inside = mask_now();
}

static void nesting(int number, int* info, u64* registers) {
    (void)info, (void)registers;
    if (++depth > deepest)
        deepest = depth;
    if (number == sigusr1)
        rt(nr_tkill, rt(nr_gettid), sigusr2);
    depth--;
}

static void delivery(void) {
    double before = 1.5;
    asm volatile("" : "+r"(before));
    set_action(sigusr1, simple, 4, 0);
    EXPECT(rt(nr_kill, rt(nr_getpid), sigusr1), 0);
    EXPECT(seen1, 1);
    CHECK(before == 1.5);
    CHECK(mask_inside & BIT(sigusr1));
    EXPECT(mask_now(), 0);
    if (!is_5_0) {
        EXPECT(info_signal, sigusr1);
        EXPECT(info_code, 0); // SI_USER
#if !defined(__x86_64__)
        CHECK(frame_pc != 0);
#endif
    }
    EXPECT(rt(nr_tkill, rt(nr_gettid), sigusr1), 0);
    EXPECT(seen1, 2);
    struct action old;
    EXPECT(rt(nr_sigaction, sigusr1, NULL, &old, 8), 0);
    EXPECT(old.handler, simple);
    EXPECT(old.flags, 4);
    // Errors
    EXPECT(rt(nr_sigaction, 65, NULL, &old, 8), -einval);
    EXPECT(rt(nr_sigaction, 9, &old, NULL, 8), -einval);
    EXPECT(rt(nr_sigaction, sigusr1, 8, NULL, 8), -efault);
    EXPECT(rt(nr_sigaction, sigusr1, NULL, 8, 8), -efault);
    EXPECT(rt(nr_kill, rt(nr_getpid), 65), -einval);
    EXPECT(rt(nr_kill, 12345, sigusr1), -esrch);
    EXPECT(rt(nr_tkill, 12345, sigusr1), -esrch);
    EXPECT(rt(nr_tkill, -1, sigusr1), -einval);
    EXPECT(rt(nr_thread_sigprocmask, block, NULL, NULL, 4), -einval);
    u64 mask = 0;
    EXPECT(rt(nr_sigprocmask, 9, &mask, NULL, 8), -einval);
    EXPECT(rt(nr_sigprocmask, block, 8, NULL, 8), -efault);
}

static void masks(void) {
    u64 mask = BIT(sigusr1), old = 99, pending = 0;
    set_action(sigusr1, simple, 0, BIT(sigusr2));
    set_action(sigusr2, simple, 0, 0);
    seen1 = seen2 = 0;
    EXPECT(rt(nr_sigprocmask, block, &mask, &old, 8), 0);
    EXPECT(old, 0);
    rt(nr_kill, rt(nr_getpid), sigusr1);
    EXPECT(seen1, 0);
    if (!is_5_0) {
        EXPECT(rt(nr_sigpending, &pending, 8), 0);
        EXPECT(pending, BIT(sigusr1));
        EXPECT(rt(nr_sigpending, 8, 8), -efault);
    }
    EXPECT(rt(nr_sigprocmask, unblock, &mask, NULL, 8), 0);
    EXPECT(seen1, 1);
    CHECK(mask_inside & BIT(sigusr2)); // the action's mask
    EXPECT(mask_now(), 0);
    if (is_5_0)
        return;
    struct timespec soon = {0, 10000000};
    mask = BIT(sigusr1);
    rt(nr_sigprocmask, setmask, &mask, NULL, 8);
    int info[32];
    EXPECT(rt(nr_sigtimedwait, &mask, info, &soon, 8), -eagain);
    rt(nr_kill, rt(nr_getpid), sigusr1);
    EXPECT(rt(nr_sigtimedwait, &mask, info, &soon, 8), sigusr1);
    EXPECT(info[0], sigusr1);
    EXPECT(rt(nr_sigtimedwait, 8, info, &soon, 8), -efault);
    mask = 0;
    rt(nr_sigprocmask, setmask, &mask, NULL, 8);
    EXPECT(seen1, 1);
}

static void nested(void) {
    set_action(sigusr1, nesting, 0, 0);
    set_action(sigusr2, nesting, 0, 0);
    deepest = 0;
    rt(nr_kill, rt(nr_getpid), sigusr1);
    EXPECT(deepest, is_5_0 ? 1 : 2); // 5.0.x has one handler at a time
    set_action(sigusr1, nesting, 0, BIT(sigusr2));
    deepest = 0;
    rt(nr_kill, rt(nr_getpid), sigusr1);
    EXPECT(deepest, 1);
    EXPECT(depth, 0);
}

static handle nothing;

static void poke(void* number) {
    delay(15);
    rt(nr_kill, rt(nr_getpid), (long)number);
}

static void poke_main(void* number) {
    delay(15);
    rt(nr_tkill, rt(nr_getpid), (long)number); // the first thread's number is the process's
    delay(15);
    rt(nr_write, *(int*)&nothing, "x", 1);
}

static void interruption(void) {
    seen1 = 0;
    set_action(sigusr1, simple, sa_restart, 0);
    nothing = (handle)rt(nr_sem_create, "nothing", 0, 0);
    CHECK(start_thread("poke", poke, (void*)sigusr1, 20));
    u64 mask = 0;
    rt(nr_sigprocmask, setmask, &mask, NULL, 8);
    long taken = rt(nr_sem_take, nothing, 500);
    CHECK(taken == -code.intr || taken == -code.timeout); // whichever thread got the signal
    EXPECT(seen1, 1);
    // A sleep ends with what is left, a read is made again (not in 5.0.x).
    struct timespec sleep = {0, 400000000}, left = {0, 0};
    seen1 = 0;
    int pipe[2];
    rt(nr_pipe, pipe);
    *(int*)&nothing = pipe[1];
    CHECK(start_thread("poke", poke_main, (void*)sigusr1, 20));
    EXPECT(rt(nr_nanosleep, &sleep, &left), -eintr);
    CHECK(left.nanoseconds > 100000000 && left.nanoseconds < 400000000);
    char byte = 0;
    EXPECT(rt(nr_read, pipe[0], &byte, 1), 1);
    CHECK(start_thread("poke", poke_main, (void*)sigusr1, 20));
    EXPECT(rt(nr_read, pipe[0], &byte, 1), is_5_0 ? -eintr : 1);
    EXPECT(seen1, 2);
    delay(40);
}

static int status_of_child(void (*body)(void)) {
    long child = rt(nr_fork);
    if (child == 0) {
        body();
        rt(nr_exit_group, 77);
    }
    int status = -1;
    EXPECT(rt(nr_waitpid, child, &status, 0), child);
    return status;
}

static void die_of_signal(void) {
    rt(nr_kill, rt(nr_getpid), sigterm);
    delay(100);
}
static void die_of_fault(void) {
    *(volatile int*)16 = 1;
}
static void bad_return(void) {
    // The end of a handler where there is none: what is on the stack is no frame.
#if defined(__aarch64__)
    asm volatile("mov sp, #64\n mov x8, #0xe000\n svc #0" ::: "memory");
#elif defined(__riscv)
    asm volatile("li sp, 64\n li a7, 0xfe\n ecall" ::: "memory");
#else
    asm volatile("mov $64, %%rsp\n mov $0xfe, %%eax\n syscall" ::: "memory");
#endif
}
static void bad_stack(void) {
    struct action action = {.handler = (u64)simple};
    rt(nr_sigaction, sigusr1, &action, NULL, 8);
#if defined(__aarch64__)
    asm volatile(
        "mov x19, sp\n mov sp, #64\n mov x0, %0\n mov x1, #10\n mov x8, #14\n svc #0\n mov sp, x19" ::"r"(rt(nr_getpid))
        : "x0", "x1", "x8", "x19", "memory");
#elif defined(__riscv)
    asm volatile("mv s2, sp\n li sp, 64\n mv a0, %0\n li a1, 10\n li a7, 14\n ecall\n mv sp, s2" ::"r"(rt(nr_getpid))
                 : "a0", "a1", "a7", "s2", "memory");
#else
    rt(nr_kill, rt(nr_getpid), sigsegv);
#endif
}
static volatile int faults;
static void skip_fault(int number, int* info, u64* registers) {
    (void)number, (void)info, (void)registers;
    faults++;
    rt(nr_exit_group, faults == 1 && number == sigsegv ? 5 : 6);
}
static void catch_fault(void) {
    struct action action = {.handler = (u64)skip_fault};
    rt(nr_sigaction, sigsegv, &action, NULL, 8);
    *(volatile int*)16 = 1;
}

static void ends(void) {
    EXPECT(status_of_child(die_of_signal), sigterm);
    EXPECT(status_of_child(die_of_fault) & 0x7f, sigsegv);
    EXPECT(status_of_child(bad_return) & 0x7f, sigsegv);
    EXPECT(status_of_child(bad_stack) & 0x7f, sigsegv);
    EXPECT(status_of_child(catch_fault), 5 << 8);
}

static void timers(void) {
    seen1 = 0;
    set_action(sigusr1, simple, 0, 0);
    struct {
        u64 value;
        int signal, notify, thread, padding;
    } event = {.value = 5, .signal = sigusr1, .notify = 0};
    u64 timer = 0;
    EXPECT(rt(nr_posix_timer_create, 1, &event, &timer), 0);
    struct {
        struct timespec interval, value;
    } setting = {{0, 0}, {0, 10000000}}, old;
    EXPECT(rt(nr_posix_timer_settime, timer, 0, &setting, &old), 0);
    struct timespec sleep = {0, 200000000};
    rt(nr_nanosleep, &sleep, NULL);
    EXPECT(seen1, 1);
    EXPECT(rt(nr_posix_timer_gettime, timer, &old), 0);
    EXPECT(old.value.nanoseconds, 0);
    EXPECT(rt(nr_posix_timer_getoverrun, timer), 0);
    EXPECT(rt(nr_posix_timer_delete, timer), 0);
    EXPECT(rt(nr_posix_timer_delete, timer), -einval);
    EXPECT(rt(nr_posix_timer_settime, timer, 0, &setting, NULL), -einval);
    EXPECT(rt(nr_posix_timer_create, 9, &event, &timer), -einval);
    EXPECT(rt(nr_posix_timer_create, 1, 8, &timer), -efault);
    EXPECT(rt(nr_posix_timer_create, 1, &event, 8), -efault);
    if (is_5_0)
        return;
    set_action(sigalrm, simple, 0, 0);
    struct {
        long interval_s, interval_us, value_s, value_us;
    } alarm = {0, 0, 0, 10000};
    EXPECT(rt(nr_setitimer, 0, &alarm, NULL), 0);
    EXPECT(rt(nr_nanosleep, &sleep, NULL), -eintr);
    EXPECT(rt(nr_setitimer, 1, &alarm, NULL), -einval);
    EXPECT(rt(nr_setitimer, 0, 8, NULL), -efault);
}

void rtt_main(void) {
    delivery();
    masks();
    nested();
    interruption();
    timers();
    ends();
    finish("signals");
}
