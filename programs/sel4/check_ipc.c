// Messages in each form, notifications, priorities, faults.
#include "sel4.h"

static cptr_t endpoint, notification;
static volatile word_t order[8];
static volatile unsigned ordered;

static void note(word_t what) {
    if (ordered < 8)
        order[ordered++] = what;
}

static void server(word_t unused) {
    (void)unused;
    struct registers r = {endpoint, 0, {0}};
    trap(sys_recv, &r);
    for (;;) {
        r = (struct registers){endpoint, message_info(r.info >> 12, 0, 2), {r.words[0] + 1, r.cap, 0, 0}};
        trap(sys_reply_recv, &r);
    }
}

static void sender(word_t value) {
    struct registers r = {endpoint, message_info(0, 0, 1), {value}};
    trap(sys_send, &r);
    note(value);
    r = (struct registers){notification, 0, {0}};
    for (;;)
        trap(sys_recv, &r);
}

static void calls(void) {
    endpoint = make_object(object_endpoint, 0);
    const cptr_t badged = mint(endpoint, all_rights, 42);
    const cptr_t thread = make_thread(server, 0, 200, 0);
    check("a server", thread != 0, 1);
    const word_t priorities[] = {100};
    const cptr_t authority[] = {cap_tcb};
    check("below the server", invoke(cap_tcb, tcb_set_priority, 1, priorities, 1, authority), no_error);
    for (word_t i = 0; i < 1000; ++i) {
        struct registers r = {badged, message_info(5, 0, 1), {i}};
        trap(sys_call, &r);
        if (r.info != message_info(5, 0, 2) || r.words[0] != i + 1 || r.words[1] != 42)
            return check("call and reply", r.words[0], i + 1);
    }
    check("call and reply", 1, 1);
    check("end of the server", delete_cap(thread), no_error);
}

static void sends(void) {
    struct registers r = {endpoint, 0, {0}};
    trap(sys_nb_recv, &r);
    check("nothing to receive", r.cap, 0);
    notification = make_object(object_notification, 0);
    const cptr_t first = make_thread(sender, 1, 150, 0);
    const cptr_t second = make_thread(sender, 2, 160, 0);
    r = (struct registers){endpoint, 0, {0}};
    trap(sys_recv, &r);
    check("first in, first out", r.words[0], 1);
    r = (struct registers){endpoint, 0, {0}};
    trap(sys_recv, &r);
    check("then the second", r.words[0], 2);
    check("both went on", ordered, 2);
    check("delete the first", delete_cap(first), no_error);
    check("delete the second", delete_cap(second), no_error);
}

static void signals(void) {
    const cptr_t one = mint(notification, all_rights, 1), two = mint(notification, all_rights, 2);
    struct registers r = {one, 0, {0}};
    trap(sys_send, &r);
    r = (struct registers){two, 0, {0}};
    trap(sys_send, &r);
    r = (struct registers){notification, 0, {0}};
    trap(sys_recv, &r);
    check("signals add up", r.cap, 3);
    r = (struct registers){notification, 0, {0}};
    trap(sys_nb_recv, &r);
    check("and are taken once", r.cap, 0);
}

static void faulter(word_t where) {
    *(volatile word_t*)where = 1;
    note(77);
    struct registers r = {notification, 0, {0}};
    for (;;)
        trap(sys_recv, &r);
}

static void stranger(word_t unused) {
    (void)unused;
    struct registers r = {0, 0, {0}};
    trap(1234, &r);
    for (;;)
        trap(sys_yield, &r);
}

static void faults(void) {
    const cptr_t handler = mint(endpoint, all_rights, 9);
    const cptr_t thread = make_thread(faulter, 0x10, 150, handler);
    struct registers r = {endpoint, 0, {0}};
    trap(sys_recv, &r);
    check("a fault's badge", r.cap, 9);
    check("a VM fault", r.info >> 12, 5);
    check("its address", r.words[1], 0x10);
    check("end of the faulter", delete_cap(thread), no_error);
    const cptr_t other = make_thread(stranger, 0, 150, handler);
    r = (struct registers){endpoint, 0, {0}};
    trap(sys_recv, &r);
    check("an unknown system call", r.info >> 12, 2);
    check("end of the stranger", delete_cap(other), no_error);
    r = (struct registers){0x7777, message_info(0, 0, 0), {0}};
    trap(sys_nb_send, &r);
    check("a non-blocking send to nowhere", 1, 1);
}

int main(void) {
    calls();
    sends();
    signals();
    faults();
    return 0;
}
