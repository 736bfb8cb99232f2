// The calls whose exact path lengths are budgets, for a stepper on QEMU's gdb stub. Each operation is a function named
// path_NAME that holds nothing but its trap; the stepper counts from there until the program counter is in user mode
// again, which is another thread's for most of them.
#include "sel4.h"

#define LABELLED __attribute__((noinline, used))
enum { turns = 32 };

static cptr_t call_endpoint, send_endpoint, notification;

LABELLED void bench_begin(void) {
    __asm__ volatile("" ::: "memory");
}
LABELLED void path_call(void) {
    struct registers r = {call_endpoint, 0, {0}};
    trap(sys_call, &r);
}
LABELLED void path_reply_recv(void) {
    struct registers r = {call_endpoint, 0, {0}};
    trap(sys_reply_recv, &r);
}
LABELLED void path_send(void) {
    struct registers r = {send_endpoint, 0, {0}};
    trap(sys_send, &r);
}
LABELLED void path_signal(void) {
    struct registers r = {notification, 0, {0}};
    trap(sys_send, &r);
}
LABELLED void path_yield(void) {
    struct registers r = {0, 0, {0}};
    trap(sys_yield, &r);
}

static void server(word_t unused) {
    (void)unused;
    struct registers r = {call_endpoint, 0, {0}};
    trap(sys_recv, &r);
    for (;;)
        path_reply_recv();
}

static void waiter(word_t where) {
    for (;;) {
        struct registers r = {where, 0, {0}};
        trap(sys_recv, &r);
    }
}

static void yielder(word_t unused) {
    (void)unused;
    struct registers r = {0, 0, {0}};
    for (;;)
        trap(sys_yield, &r);
}

int main(void) {
    call_endpoint = make_object(object_endpoint, 0);
    send_endpoint = make_object(object_endpoint, 0);
    notification = make_object(object_notification, 0);
    make_thread(server, 0, 200, 0);
    make_thread(waiter, send_endpoint, 200, 0);
    make_thread(waiter, notification, 200, 0);
    const word_t priority[] = {100};
    const cptr_t authority[] = {cap_tcb};
    invoke(cap_tcb, tcb_set_priority, 1, priority, 1, authority);
    for (unsigned i = 0; i < 2 * turns; ++i) {
        if (i == turns)
            bench_begin();
        path_call();
        path_send();
        path_signal();
    }
    make_thread(yielder, 0, 100, 0);
    struct registers r = {0, 0, {0}};
    for (unsigned i = 0; i < turns; ++i) // until each thread has had a whole time slice
        trap(sys_yield, &r);
    for (unsigned i = 0; i < turns; ++i)
        path_yield();
    return 0;
}
