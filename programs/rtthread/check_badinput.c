// What a hostile program says: made-up and stale handles, wild pointers in every argument of every call, wrong sizes,
// and 10,000 objects that nobody frees. Everything must answer; the kernel must go on, and get its memory back.
#include "rtt.h"

static const u64 wild[] = {
    0,
    1,
    8,
    0xfff,
    0x7fffffffffff,
    0x8000000000000000,
    0xffff000000000000,
    0xffff000000000008,
    0xffff800000000000,
    0xfffffffffffffff8,
    ~0ul,
    0x12345678,
    0xffff0000000fff00};
enum { wild_count = sizeof wild / sizeof *wild };

/// Calls that are not made with wild arguments: they end, stop or wait by their nature, or change what the test needs.
static int is_left_out(int number) {
    switch (number) {
    case nr_exit:
    case nr_exit_group:
    case nr_fork:
    case nr_vfork:
    case nr_kill:
    case nr_tkill:
    case nr_reboot:
    case nr_sigprocmask:
    case nr_thread_sigprocmask:
    case nr_thread_mdelay:
    case nr_enter_critical:
    case nr_waitpid:
    case nr_wait4:
    case nr_sigtimedwait:
    case nr_nanosleep:
    case nr_clock_nanosleep:
    case nr_setpriority:
    case nr_set_thread_area:
    case nr_settimeofday:
    case nr_clock_settime:
    case nr_close:
    case nr_munmap:
    case nr_read:
    case nr_select:
    case nr_poll:
    case nr_epoll_pwait:
    case nr_mmap2:
    case nr_sched_setaffinity:
    case nr_clone:
    case nr_mremap:
    case nr_madvise:
    case nr_futex:
    case nr_setrlimit:
    case nr_prlimit64:
    case nr_setitimer:
    case nr_brk:
    case nr_dup2:
    case nr_channel_close:
    case nr_shmdt:
    case nr_sched_setparam:
    case nr_sched_setscheduler:
    case nr_log:
    case nr_set_robust_list:
    case nr_set_tid_address:
    case nr_pread64:
    case nr_shmget:
        return 1;
    default:
        return 0;
    }
}

static void wild_arguments(void) {
    for (int number = 0; number <= nr_last; number++)
        for (int i = 0; i < wild_count && !is_left_out(number); i++) {
            u64 w = wild[i];
            // In each place alone, and everywhere.
            rt(number, w, 0, 0, 0, 0, 0);
            rt(number, 0, w, 0, 0, 0, 0);
            rt(number, 1, 0, w, 8, 0, 0);
            rt(number, 1, w, 16, 0, w, 0);
            rt(number, w, w, w, 0, w, w);
        }
    const int pointers[] = {nr_read,  nr_waitpid, nr_nanosleep,    nr_sigprocmask,   nr_thread_sigprocmask,
                            nr_clone, nr_futex,   nr_settimeofday, nr_clock_settime, nr_prlimit64,
                            nr_poll,  nr_pread64};
    for (u64 n = 0; n < sizeof pointers / sizeof *pointers; n++)
        for (int i = 1; i < wild_count; i++)
            if (pointers[n] != nr_clone || wild[i] > 0x1000)
                rt(pointers[n], wild[i], wild[i], wild[i], wild[i], wild[i], wild[i]);
}

static void made_up_handles(void) {
    handle s = (handle)rt(nr_sem_create, "s", 1, 0), m = (handle)rt(nr_mutex_create, "m", 0);
    // Neighbours of a good handle, other kinds, other bits.
    const u64 made_up[] = {s + 8,          s - 8, s + 1, s ^ (1ul << 40), s ^ (1ul << 24), s ^ (1ul << 60),
                           s & 0xffffffff, m,     ~s};
    for (u64 i = 0; i < sizeof made_up / sizeof *made_up; i++) {
        EXPECT(rt(nr_sem_take, made_up[i], 0), -code.inval);
        EXPECT(rt(nr_sem_delete, made_up[i]), -code.inval);
        if (made_up[i] != m)
            EXPECT(rt(nr_mutex_take, made_up[i], 0), -code.inval);
        EXPECT(rt(nr_event_send, made_up[i], 1), -code.inval);
        EXPECT(rt(nr_mb_send, made_up[i], 1), -code.inval);
        EXPECT(rt(nr_mq_send, made_up[i], "x", 1), -code.inval);
        EXPECT(rt(nr_timer_start, made_up[i]), -code.inval);
        EXPECT(rt(nr_thread_startup, made_up[i]), -code.inval);
        EXPECT(rt(nr_device_open, made_up[i], 3), -code.inval);
    }
    EXPECT(rt(nr_sem_take, s, 0), 0);
    // A place that is used again has another handle.
    EXPECT(rt(nr_sem_delete, s), 0);
    handle next = (handle)rt(nr_sem_create, "s", 1, 0);
    CHECK(next != s);
    EXPECT(rt(nr_sem_take, s, 0), -code.inval);
    EXPECT(rt(nr_sem_take, next, 0), 0);
}

static u64 free_pages(void) {
    static u64 info[64];
    rt(nr_sysinfo, info);
    return info[5];
}

/// A child makes objects of every kind, 10,000 together, and is gone.
static int spend(int count) {
    long child = rt(nr_fork);
    if (child == 0) {
        handle s = (handle)rt(nr_sem_create, "spent", 0, 0);
        for (int i = 0; i < count; i++) {
            handle made = 0;
            switch (i % 6) {
            case 0:
                made = (handle)rt(nr_sem_create, "a", 1, 0);
                break;
            case 1:
                made = (handle)rt(nr_mutex_create, "b", 0);
                rt(nr_mutex_take, made, 0);
                break;
            case 2:
                made = (handle)rt(nr_event_create, "c", 0);
                break;
            case 3:
                made = (handle)rt(nr_mb_create, "d", 16, 0);
                rt(nr_mb_send, made, 1);
                break;
            case 4:
                made = (handle)rt(nr_mq_create, "e", 64, 4, 0);
                rt(nr_mq_send, made, "text", 4);
                break;
            case 5:
                made = (handle)rt(nr_timer_create, "f", s, 1000000, 0);
                rt(nr_timer_start, made);
                break;
            }
            if (!made)
                rt(nr_exit_group, 1);
        }
        for (int i = 0; i < 8; i++)
            make_thread("never", NULL, NULL, 20, 16384, 5);
        rt(nr_exit_group, 0);
    }
    int status = -1;
    rt(nr_waitpid, child, &status, 0);
    return status;
}

static void memory_comes_back(void) {
    spend(600); // the kernel's pools grow to what they keep
    spend(10000);
    u64 before = 0, after = 0;
    for (int i = 0; i < 20; i++) {
        delay(20);
        before = free_pages();
    }
    EXPECT(spend(10000), 0);
    EXPECT(spend(10000), 0);
    for (int i = 0; i < 50 && after < before; i++) {
        delay(20);
        after = free_pages();
    }
    CHECK(after + 8 >= before);
}

void rtt_main(void) {
    made_up_handles();
    long child = rt(nr_fork);
    if (child == 0) {
        wild_arguments();
        rt(nr_exit_group, 9);
    }
    int status = -1;
    EXPECT(rt(nr_waitpid, child, &status, 0), child);
    EXPECT(status, 9 << 8);
    if (!is_5_0)
        memory_comes_back();
    finish("badinput");
}
