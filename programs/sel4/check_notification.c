// Notifications: rights, badges, waiting, binding to a thread that receives from an endpoint.
#include "attempt.h"

static cptr_t notification, endpoint, parking;

_Noreturn static void park(void) {
    for (;;)
        trap_plain(sys_recv, parking, 0);
}

static void rights(void) {
    for (word_t r = 0; r < 16; ++r) {
        const cptr_t cap = mint(notification, r, 1 + r);
        trap_plain(sys_nb_send, cap, 0);
        check("a signal", receive(sys_nb_recv, notification).cap, r & right_write ? 1 + r : 0);
        trap_plain(sys_send, cap, 0);
        check("the other way", receive(sys_nb_recv, notification).cap, r & right_write ? 1 + r : 0);
        const struct registers call = receive(sys_call, cap);
        check("a call is a signal that is answered", call.info >> 12, r & right_write ? no_error : invalid_capability);
        receive(sys_nb_recv, notification);
        delete_cap(cap);
    }
}

static void badges(void) {
    const cptr_t low = mint(notification, right_write, 0x0f), high = mint(notification, right_write, 0xf0);
    trap_plain(sys_send, low, 0);
    trap_plain(sys_send, high, 0);
    trap_plain(sys_send, low, 0);
    check("badges are joined", receive(sys_recv, notification).cap, 0xff);
    check("once", receive(sys_nb_recv, notification).cap, 0);
    trap_plain(sys_send, notification, 0);
    check("a signal without badge", receive(sys_recv, notification).cap, 0);
    delete_cap(low);
    delete_cap(high);
}

// Waiters of different priority: first come, first served.
static volatile word_t order[3], orders;
static void waiter(word_t which) {
    receive(sys_recv, notification);
    order[orders++] = which;
    park();
}
static void waiting(void) {
    cptr_t threads[3];
    set_own_priority(255);
    for (word_t i = 0; i < 3; ++i) {
        threads[i] = make_thread(waiter, i, 200, 0);
        set_own_priority(100);
        set_own_priority(255);
    }
    set_own_priority(100);
    for (unsigned i = 0; i < 3; ++i)
        trap_plain(sys_send, notification, 0);
    check("each signal wakes one", orders, 3);
    check("the first first", order[0] * 100 + order[1] * 10 + order[2], 12);
    check("nothing is left", receive(sys_nb_recv, notification).info, 0);
    for (unsigned i = 0; i < 3; ++i)
        delete_cap(threads[i]);
}

// A thread that receives from an endpoint is woken by the notification that is bound to it.
static volatile word_t got_badge, turns;
static void bound_receiver(word_t unused) {
    (void)unused;
    for (;;) {
        got_badge = receive(sys_recv, endpoint).cap;
        ++turns;
    }
}
static void bound(void) {
    const cptr_t thread = make_thread(bound_receiver, 0, 200, 0);
    const cptr_t badged = mint(notification, right_write, 0x40), caller = mint(endpoint, right_write, 0x80);
    set_own_priority(100);
    const cptr_t other = make_object(object_notification, 0);
    ATTEMPT(
        {"bind it while it waits", thread, tcb_bind_notification, no_error, CAPS(notification)},
        {"a second one", thread, tcb_bind_notification, illegal_operation, CAPS(other)}, );
    trap_plain(sys_send, badged, 0);
    check("the signal comes where it receives", got_badge, 0x40);
    trap_plain(sys_send, caller, message_info(0, 0, 0));
    check("messages too", got_badge, 0x80);
    check("one each", turns, 2);
    // A signal before it receives.
    set_own_priority(255);
    trap_plain(sys_send, badged, 0);
    set_own_priority(100);
    check("an early signal", got_badge, 0x40);
    ATTEMPT({"unbind", thread, tcb_unbind_notification, no_error, WORDS(0)}, );
    trap_plain(sys_send, badged, 0);
    check("now it stays where it is", turns, 3);
    check("and is found there", receive(sys_nb_recv, notification).cap, 0x40);
    delete_cap(thread);
}

// Only the thread that it is bound to may wait for a bound notification.
static volatile word_t came_back;
static void stranger(word_t unused) {
    (void)unused;
    receive(sys_recv, notification);
    came_back = 1;
    park();
}
static void bound_to_another(void) {
    const cptr_t handler = mint(endpoint, all_rights, 5);
    ATTEMPT({"bind to the root task", cap_tcb, tcb_bind_notification, no_error, CAPS(notification)}, );
    const cptr_t thread = make_thread(stranger, 0, 200, handler);
    share_buffer(thread);
    set_own_priority(100);
    const struct registers fault = receive(sys_nb_recv, endpoint);
    check("a capability fault", fault.info >> 12, 1);
    check("its handler's badge", fault.cap, 5);
    check("at that capability", fault.words[1], notification);
    check("while receiving", fault.words[2], 1);
    check("it did not come back", came_back, 0);
    ATTEMPT({"unbind from the root task", cap_tcb, tcb_unbind_notification, no_error, WORDS(0)}, );
    trap_plain(sys_reply, 0, 0);
    trap_plain(sys_send, notification, 0);
    check("the answer lets it try again", came_back, 1);
    delete_cap(thread);
}

static void ending(void) {
    const cptr_t memory = make_object(object_untyped, 12), own_copy = notification;
    notification = new_slot();
    check("a notification", retype(memory, object_notification, 0, notification, 1), no_error);
    orders = 0;
    const cptr_t thread = make_thread(waiter, 0, 200, 0);
    set_own_priority(100);
    check("somebody waits", orders, 0);
    ATTEMPT({"the memory goes", cap_cnode, cnode_revoke, no_error, WORDS(memory, 64)}, );
    check("the waiter is thrown out and finds nothing", orders, 0);
    check("its memory serves again", retype(memory, object_tcb, 0, notification, 1), no_error);
    delete_cap(thread);
    notification = own_copy;
}

int main(void) {
    notification = make_object(object_notification, 0);
    endpoint = make_object(object_endpoint, 0);
    parking = make_object(object_endpoint, 0);
    rights();
    badges();
    waiting();
    bound();
    bound_to_another();
    ending();
    return 0;
}
