// Semaphores, events, mailboxes, message queues: every call with its results, errors and time-outs in ticks.
#include "rtt.h"

#define STALE(handle_, call)                                                                                           \
    do {                                                                                                               \
        EXPECT(call, -code.inval);                                                                                     \
    } while (0)

static handle shared;
static volatile u32 got, order[8], order_length;
static volatile long result;

static void take_forever(void* unused) {
    (void)unused;
    result = rt(nr_sem_take, shared, FOREVER);
    got++;
}

static void note_order(void* number) {
    if (rt(nr_sem_take, shared, FOREVER) == 0)
        order[__atomic_fetch_add(&order_length, 1, __ATOMIC_SEQ_CST)] = (u32)(u64)number;
}

static void semaphores(void) {
    handle s = (handle)rt(nr_sem_create, "s", 2, 0);
    CHECK(s != 0);
    EXPECT(s >> 48, 0xffff);
    EXPECT(rt(nr_sem_take, s, 0), 0);
    EXPECT(rt(nr_sem_take, s, FOREVER), 0);
    EXPECT(rt(nr_sem_take, s, 0), -code.timeout);
    u32 before = tick_now();
    EXPECT(rt(nr_sem_take, s, 30), -code.timeout);
    u32 passed = tick_now() - before;
    CHECK(passed >= 30 && passed < 60);
    EXPECT(rt(nr_get_errno), code.timeout);
    EXPECT(rt(nr_sem_release, s), 0);
    EXPECT(rt(nr_sem_take, s, 0), 0);

    // A waiter gets what is released.
    shared = s, got = 0;
    CHECK(start_thread("waiter", take_forever, NULL, 20));
    delay(10);
    EXPECT(got, 0);
    EXPECT(rt(nr_sem_release, s), 0);
    delay(10);
    EXPECT(got, 1);
    EXPECT(result, 0);
    // The value's limit.
    handle large = (handle)rt(nr_sem_create, "large", 65535, 0);
    EXPECT(rt(nr_sem_release, large), -code.full);
    EXPECT(rt(nr_sem_create, "larger", 65536, 0), 0);
    EXPECT(rt(nr_sem_delete, large), 0);
    // Deletion ends waits, and the handle is stale.
    got = 0;
    CHECK(start_thread("waiter", take_forever, NULL, 20));
    delay(10);
    EXPECT(rt(nr_sem_delete, s), 0);
    delay(10);
    EXPECT(got, 1);
    EXPECT(result, -code.error);
    STALE(s, rt(nr_sem_take, s, 0));
    STALE(s, rt(nr_sem_release, s));
    STALE(s, rt(nr_sem_delete, s));
}

static void wait_order(u8 flag, u32 first, u32 second, u32 third) {
    shared = (handle)rt(nr_sem_create, "order", 0, flag);
    order_length = 0;
    const u8 priorities[3] = {22, 18, 20};
    for (u64 i = 0; i < 3; i++) {
        CHECK(start_thread("order", note_order, (void*)i, priorities[i]));
        delay(5);
    }
    for (int i = 0; i < 3; i++) {
        EXPECT(rt(nr_sem_release, shared), 0);
        delay(5);
    }
    EXPECT(order_length, 3);
    EXPECT(order[0], first);
    EXPECT(order[1], second);
    EXPECT(order[2], third);
    EXPECT(rt(nr_sem_delete, shared), 0);
}

static void receive_all(void* unused) {
    (void)unused;
    u32 received = 0;
    result = rt(nr_event_recv, shared, 6, 1 | 4, FOREVER, &received);
    got = received;
}

static void events(void) {
    handle e = (handle)rt(nr_event_create, "e", 0);
    CHECK(e != 0);
    u32 received = 99;
    EXPECT(rt(nr_event_send, e, 0), -code.error);
    EXPECT(rt(nr_event_recv, e, 0, 2, 0, &received), -code.error);
    EXPECT(rt(nr_event_recv, e, 1, 4, 0, &received), -code.error);
    EXPECT(rt(nr_event_recv, e, 1, 2, 0, &received), -code.timeout);
    u32 before = tick_now();
    EXPECT(rt(nr_event_recv, e, 1, 2, 20, NULL), -code.timeout);
    CHECK(tick_now() - before >= 20);
    EXPECT(rt(nr_event_send, e, 5), 0);
    EXPECT(rt(nr_event_recv, e, 3, 2, 0, &received), 0); // any, not cleared
    EXPECT(received, 1);
    EXPECT(rt(nr_event_recv, e, 5, 1, 0, NULL), 0); // all
    EXPECT(rt(nr_event_recv, e, 4, 2 | 4, 0, &received), 0);
    EXPECT(received, 4);
    EXPECT(rt(nr_event_recv, e, 4, 2, 0, NULL), -code.timeout);
    shared = e, got = 0;
    CHECK(start_thread("all", receive_all, NULL, 20));
    delay(5);
    EXPECT(rt(nr_event_send, e, 2), 0);
    delay(5);
    EXPECT(got, 0);
    EXPECT(rt(nr_event_send, e, 4), 0);
    delay(5);
    EXPECT(got, 6);
    EXPECT(result, 0);
    EXPECT(rt(nr_event_recv, e, 6, 2, 0, NULL), -code.timeout);
    EXPECT(rt(nr_event_recv, e, 1, 2, 0, (u32*)8), -efault);
    EXPECT(rt(nr_event_recv, e, 1, 2 | 4, 0, &received), 0); // still there
    EXPECT(rt(nr_event_delete, e), 0);
    STALE(e, rt(nr_event_send, e, 1));
    STALE(e, rt(nr_event_recv, e, 1, 2, 0, NULL));
    STALE(e, rt(nr_event_delete, e));
}

static void send_late(void* unused) {
    (void)unused;
    delay(15);
    rt(nr_mb_send, shared, 77);
}

static void send_wait(void* word) {
    result = rt(nr_mb_send_wait, shared, word, 1000);
}

static void mailboxes(void) {
    handle m = (handle)rt(nr_mb_create, "m", 2, 0);
    u64 word = 5;
    CHECK(m != 0);
    EXPECT(rt(nr_mb_create, "none", 0, 0), 0);
    EXPECT(rt(nr_mb_create, "huge", 1l << 40, 0), 0);
    EXPECT(rt(nr_mb_recv, m, &word, 0), -code.timeout);
    u32 before = tick_now();
    EXPECT(rt(nr_mb_recv, m, &word, 20), -code.timeout);
    CHECK(tick_now() - before >= 20);
    EXPECT(rt(nr_mb_send, m, 0x1122334455667788), 0);
    EXPECT(rt(nr_mb_send_wait, m, 2, 0), 0);
    EXPECT(rt(nr_mb_send, m, 3), -code.full);
    before = tick_now();
    EXPECT(rt(nr_mb_send_wait, m, 3, 20), -code.timeout);
    CHECK(tick_now() - before >= 20);
    shared = m, result = 1;
    CHECK(start_thread("sender", send_wait, (void*)3, 20));
    delay(5);
    EXPECT(result, 1);
    EXPECT(rt(nr_mb_recv, m, (u64*)16, 0), -efault);
    EXPECT(rt(nr_mb_recv, m, &word, 0), 0);
    EXPECT(word, 0x1122334455667788);
    delay(5);
    EXPECT(result, 0); // the waiting one has its place now
    EXPECT(rt(nr_mb_recv, m, &word, FOREVER), 0);
    EXPECT(word, 2);
    EXPECT(rt(nr_mb_recv, m, &word, 0), 0);
    EXPECT(word, 3);
    CHECK(start_thread("late", send_late, NULL, 20));
    EXPECT(rt(nr_mb_recv, m, &word, 1000), 0);
    EXPECT(word, 77);
    EXPECT(rt(nr_mb_delete, m), 0);
    STALE(m, rt(nr_mb_send, m, 1));
    STALE(m, rt(nr_mb_send_wait, m, 1, 10));
    STALE(m, rt(nr_mb_recv, m, &word, 0));
    STALE(m, rt(nr_mb_delete, m));
}

static void queue_late(void* unused) {
    (void)unused;
    delay(15);
    rt(nr_mq_send, shared, "late", 5);
}

static void queues(void) {
    handle q = (handle)rt(nr_mq_create, "q", 8, 2, 0);
    char text[16] = "none";
    CHECK(q != 0);
    EXPECT(rt(nr_mq_create, "none", 0, 2, 0), 0);
    EXPECT(rt(nr_mq_create, "none", 8, 0, 0), 0);
    EXPECT(rt(nr_mq_create, "huge", 65535, 65535, 0), 0);
    EXPECT(rt(nr_mq_recv, q, text, sizeof text, 0), -code.timeout);
    u32 before = tick_now();
    EXPECT(rt(nr_mq_recv, q, text, sizeof text, 20), -code.timeout);
    CHECK(tick_now() - before >= 20);
    EXPECT(rt(nr_mq_send, q, "123456789", 9), -code.error);
    EXPECT(rt(nr_mq_send, q, "", 0), -code.error);
    EXPECT(rt(nr_mq_send, q, (char*)24, 4), -efault);
    EXPECT(rt(nr_mq_send, q, "first", 6), 0);
    EXPECT(rt(nr_mq_urgent, q, "now", 4), 0);
    EXPECT(rt(nr_mq_send, q, "more", 5), -code.full);
    EXPECT(rt(nr_mq_recv, q, (char*)24, 8, 0), -efault);
    EXPECT(rt(nr_mq_recv, q, text, sizeof text, 0), is_5_0 ? 0 : 4);
    CHECK(same_text(text, "now"));
    EXPECT(rt(nr_mq_recv, q, text, 3, FOREVER), is_5_0 ? 0 : 3); // cut
    CHECK(text[0] == 'f' && text[2] == 'r' && text[3] == 0);
    shared = q;
    CHECK(start_thread("late", queue_late, NULL, 20));
    EXPECT(rt(nr_mq_recv, q, text, sizeof text, 1000), is_5_0 ? 0 : 5);
    CHECK(same_text(text, "late"));
    EXPECT(rt(nr_mq_delete, q), 0);
    STALE(q, rt(nr_mq_send, q, "x", 1));
    STALE(q, rt(nr_mq_urgent, q, "x", 1));
    STALE(q, rt(nr_mq_recv, q, text, 8, 0));
    STALE(q, rt(nr_mq_delete, q));
}

static volatile u32 inside, most;

static void critical(void* unused) {
    (void)unused;
    for (int i = 0; i < 20; i++) {
        EXPECT(rt(nr_enter_critical), 0);
        u32 now = ++inside;
        if (now > most)
            most = now;
        rt(nr_sched_yield);
        inside--;
        EXPECT(rt(nr_exit_critical), 0);
    }
    got++;
}

static void critical_section(void) {
    got = 0;
    for (int i = 0; i < 3; i++)
        CHECK(start_thread("critical", critical, NULL, 26));
    for (int i = 0; i < 200 && got < 3; i++)
        delay(5);
    EXPECT(got, 3);
    EXPECT(most, 1);
    EXPECT(rt(nr_exit_critical), -code.error);
    EXPECT(rt(nr_enter_critical), 0);
    EXPECT(rt(nr_enter_critical), -code.busy);
    EXPECT(rt(nr_exit_critical), 0);
}

void rtt_main(void) {
    semaphores();
    wait_order(0, 0, 1, 2);
    wait_order(1, 1, 2, 0);
    events();
    mailboxes();
    queues();
    critical_section();
    finish("objects");
}
