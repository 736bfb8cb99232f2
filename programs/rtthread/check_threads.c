// Threads, their priorities, and timers.
#include "rtt.h"

static volatile u32 ran, order[8], order_length;
static volatile u64 seen_parameter;
static handle shared;

static void body(void* parameter) {
    seen_parameter = (u64)parameter;
    ran++;
}

static void note(void* number) {
    order[order_length++] = (u32)(u64)number;
}

static void endless(void* unused) {
    (void)unused;
    for (;;) {
        ran++;
        delay(1);
    }
}

static void self_of(void* unused) {
    (void)unused;
    shared = (handle)rt(nr_thread_self);
}

static void life(void) {
    handle made = make_thread("made", body, (void*)0x1234, 20, 8192, 5);
    CHECK(made != 0);
    delay(5);
    EXPECT(ran, 0); // not before it is started
    EXPECT(rt(nr_thread_find, "made"), made);
    EXPECT(rt(nr_thread_startup, made), 0);
    delay(5);
    EXPECT(ran, 1);
    EXPECT(seen_parameter, 0x1234);
    EXPECT(rt(nr_thread_startup, made), -code.inval); // it has ended: the handle is stale
    EXPECT(rt(nr_thread_delete, made), -code.inval);
    EXPECT(rt(nr_thread_find, "made"), 0);
    // Deleted before it was started, and while it runs.
    made = make_thread("never", body, NULL, 20, 8192, 5);
    EXPECT(rt(nr_thread_delete, made), 0);
    EXPECT(rt(nr_thread_startup, made), -code.inval);
    handle running = start_thread("endless", endless, NULL, 20);
    EXPECT(rt(nr_thread_startup, running), -code.error); // twice
    delay(10);
    EXPECT(rt(nr_thread_delete, running), 0);
    delay(5);
    u32 then = ran;
    delay(10);
    EXPECT(ran, then);
    // Who one is.
    handle self = (handle)rt(nr_thread_self);
    CHECK(self != 0);
    EXPECT(rt(nr_thread_self), self);
    handle other = start_thread("self", self_of, NULL, 20);
    delay(5);
    EXPECT(shared, other);
    // Wrong arguments.
    EXPECT(rt(nr_thread_create, 8), 0);
    EXPECT(make_thread((char*)8, body, NULL, 20, 4096, 5), 0);
    EXPECT(make_thread("huge", body, NULL, 20, 1ul << 50, 5), 0);
    CHECK(rt(nr_thread_find, (char*)8) < 0);
}

/// All wait in one queue of the scheduler while the first thread, which is better, makes them.
static void priorities(void) {
    EXPECT(rt(nr_setpriority, 0, 0xff, 5), 0);
    EXPECT(rt(nr_getpriority, 0, 0), 5);
    const u8 wanted[4] = {30, 20, 25, 20};
    for (u64 i = 0; i < 4; i++)
        CHECK(start_thread("order", note, (void*)i, wanted[i]));
    delay(20);
    EXPECT(order_length, 4);
    EXPECT(order[0], 1);
    EXPECT(order[1], 3); // equals in the order of their start
    EXPECT(order[2], 2);
    EXPECT(order[3], 0);
    EXPECT(rt(nr_setpriority, 0, 0xff, 256), -einval);
    EXPECT(rt(nr_setpriority, 1, 0xff, 10), -einval);
    EXPECT(rt(nr_setpriority, 0, 12345, 10), -esrch);
    handle other = make_thread("other", body, NULL, 77, 8192, 5);
    EXPECT(rt(nr_getpriority, 0, other), 77);
    EXPECT(rt(nr_setpriority, 0, other, 66), 0);
    EXPECT(rt(nr_getpriority, 0, other), 66);
    EXPECT(rt(nr_thread_delete, other), 0);
    int parameter = 9, policy = -1;
    EXPECT(rt(nr_sched_setparam, 0, &parameter), 0);
    parameter = 0;
    EXPECT(rt(nr_sched_getparam, 0, &parameter), 0);
    EXPECT(parameter, 9);
    EXPECT(rt(nr_sched_getscheduler, 0, &policy, &parameter), 0);
    EXPECT(rt(nr_sched_setscheduler, 0, 1, &parameter), 0);
    EXPECT(rt(nr_sched_setscheduler, 0, 7, &parameter), -einval);
    EXPECT(rt(nr_sched_setparam, 0, 8), -efault);
    EXPECT(rt(nr_sched_get_priority_max, 1), 255);
    EXPECT(rt(nr_sched_get_priority_min, 1), 0);
    u64 cpus = 0;
    if (!is_5_0)
        EXPECT(rt(nr_sched_getaffinity, 0, 8, &cpus), 8);
    cpus = 1;
    EXPECT(rt(nr_sched_setaffinity, 0, 8, &cpus), 0);
    cpus = 0;
    EXPECT(rt(nr_sched_setaffinity, 0, 8, &cpus), -einval);
}

static void timers(void) {
    handle s = (handle)rt(nr_sem_create, "timer", 0, 0);
    handle t = (handle)rt(nr_timer_create, "t", s, 20, 0);
    CHECK(t != 0);
    EXPECT(rt(nr_timer_create, "t", 0x1234, 20, 0), 0);
    EXPECT(rt(nr_timer_create, "t", t, 20, 0), 0); // a handle of another kind
    u32 value = 0;
    EXPECT(rt(nr_timer_stop, t), -code.error);
    EXPECT(rt(nr_timer_control, t, 4, &value), 0);
    EXPECT(value, 0);
    u32 before = tick_now();
    EXPECT(rt(nr_timer_start, t), 0);
    EXPECT(rt(nr_timer_control, t, 4, &value), 0);
    EXPECT(value, 1);
    EXPECT(rt(nr_timer_control, t, 5, &value), 0);
    CHECK(value > 0 && value <= 20);
    EXPECT(rt(nr_sem_take, s, 1000), 0);
    u32 passed = tick_now() - before;
    CHECK(passed >= 19 && passed < 40);
    EXPECT(rt(nr_sem_take, s, 40), -code.timeout); // once
    // Again and again, and stopped.
    value = 5;
    EXPECT(rt(nr_timer_control, t, 0, &value), 0);
    EXPECT(rt(nr_timer_control, t, 3, NULL), 0);
    EXPECT(rt(nr_timer_control, t, 1, &value), 0);
    EXPECT(value, 5);
    EXPECT(rt(nr_timer_start, t), 0);
    for (int i = 0; i < 4; i++)
        EXPECT(rt(nr_sem_take, s, 1000), 0);
    EXPECT(rt(nr_timer_stop, t), 0);
    while (rt(nr_sem_take, s, 0) == 0)
        ;
    EXPECT(rt(nr_sem_take, s, 30), -code.timeout);
    EXPECT(rt(nr_timer_control, t, 2, NULL), 0);
    EXPECT(rt(nr_timer_control, t, 6, &value), -code.inval);
    EXPECT(rt(nr_timer_control, t, 1, 8), -efault);
    // A timer outlives its semaphore's handle.
    EXPECT(rt(nr_sem_delete, s), 0);
    EXPECT(rt(nr_timer_start, t), 0);
    delay(20);
    EXPECT(rt(nr_timer_delete, t), 0);
    EXPECT(rt(nr_timer_delete, t), -code.inval);
    EXPECT(rt(nr_timer_start, t), -code.inval);
    EXPECT(rt(nr_timer_stop, t), -code.inval);
    EXPECT(rt(nr_timer_control, t, 4, &value), -code.inval);
}

static void time(void) {
    u32 before = tick_now();
    delay(25);
    u32 passed = tick_now() - before;
    CHECK(passed >= 25 && passed < 50);
    EXPECT(rt(nr_thread_mdelay, 0), 0);
    EXPECT(rt(nr_thread_mdelay, -5), 0);
}

void rtt_main(void) {
    life();
    time();
    timers();
    priorities();
    finish("threads");
}
