// The calls whose exact path lengths are budgets, for a stepper on QEMU's gdb stub. Each operation is a function named
// path_NAME that holds nothing but its trap; the stepper counts from there until the program counter is in user mode
// again, which is another thread's for most of them. path_acknowledge is followed by the interrupt that it lets in
// again: a device's level that stays raised.
#include "isa.h"

#define LABELLED __attribute__((noinline, used))
enum { turns = 32 };

static cptr_t call_endpoint, send_endpoint, fault_endpoint, notification, interrupt_notification, interrupt_handler;

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

LABELLED void path_fault(const volatile word_t* nowhere) {
    (void)*nowhere;
}
LABELLED void path_acknowledge(void) {
    struct registers r = {interrupt_handler, message_info(interrupt_ack, 0, 0), {0}};
    trap(sys_call, &r);
}

static void faulter(word_t nowhere) {
    path_fault((const volatile word_t*)nowhere);
}

/// Lets the thread make its faulty access again, some times.
static void fault_handler(word_t times) {
    struct registers r = {fault_endpoint, 0, {0}};
    trap(sys_recv, &r);
    while (--times != 0) {
        r = (struct registers){fault_endpoint, 0, {0}};
        trap(sys_reply_recv, &r);
    }
    r = (struct registers){fault_endpoint, 0, {0}};
    trap(sys_recv, &r);
}

#if defined(__aarch64__)
/// QEMU's PL061: an input that is low interrupts when it is told to do so at a low level. ARM DDI 0190.
static int raise_interrupt(void) {
    enum { level = 0x404 / 4, polarity = 0x40c / 4, enable = 0x410 / 4, gpio = 0x09030000, line = 39 };
    const word_t at = (word_t)boot_info + 0x10000;
    const cptr_t frame = new_slot(), space = cap_vspace, node = cap_cnode;
    interrupt_handler = new_slot();
    for (word_t i = 0; i < boot_info->untyped.end - boot_info->untyped.start; ++i)
        if (boot_info->untyped_list[i].physical == gpio)
            retype(boot_info->untyped.start + i, type_page, 0, frame, 1);
    const word_t mapping[] = {at, right_read | right_write, attribute_device};
    const word_t request[] = {line, interrupt_handler, 64};
    if (invoke(frame, page_map, 3, mapping, 1, &space) != no_error
        || invoke(cap_irq_control, issue_handler, 3, request, 1, &node) != no_error
        || invoke(interrupt_handler, interrupt_set, 0, 0, 1, &interrupt_notification) != no_error)
        return 0;
    volatile unsigned* const registers = (volatile unsigned*)at;
    registers[level] = 1;
    registers[polarity] = 0;
    registers[enable] = 1;
    return 1;
}
#elif defined(__riscv)
/// QEMU's goldfish RTC, whose alarm the stepper sets: the device is the kernel's, its interrupt nobody's.
static int raise_interrupt(void) {
    enum { line = 11 };
    const cptr_t node = cap_cnode;
    interrupt_handler = new_slot();
    const word_t request[] = {line, interrupt_handler, 64};
    return invoke(cap_irq_control, issue_handler, 3, request, 1, &node) == no_error
           && invoke(interrupt_handler, interrupt_set, 0, 0, 1, &interrupt_notification) == no_error;
}
#else
/// The PC's interval timer, whose output stays high when it has counted down. Intel 8254: mode 0.
static int raise_interrupt(void) {
    enum { io_port_control = 7, counter = 0x40, control = 0x43, pin = 2, level = 1 };
    const cptr_t ports = new_slot(), node = cap_cnode;
    interrupt_handler = new_slot();
    const word_t range[] = {counter, control, ports, 64};
    const word_t request[] = {interrupt_handler, 64, 0, pin, level, 0, pin};
    if (invoke(io_port_control, port_issue, 4, range, 1, &node) != no_error
        || invoke(cap_irq_control, issue_io_apic, 7, request, 1, &node) != no_error
        || invoke(interrupt_handler, interrupt_set, 0, 0, 1, &interrupt_notification) != no_error)
        return 0;
    const word_t writes[][2] = {{control, 0x30}, {counter, 1}, {counter, 0}};
    for (unsigned i = 0; i < 3; ++i)
        invoke(ports, port_out8, 2, writes[i], 0, 0);
    return 1;
}
#endif

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
    fault_endpoint = make_object(object_endpoint, 0);
    interrupt_notification = make_object(object_notification, 0);
    make_thread(server, 0, 200, 0);
    make_thread(waiter, send_endpoint, 200, 0);
    make_thread(waiter, notification, 200, 0);
    make_thread(waiter, interrupt_notification, 200, 0);
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
    make_thread(fault_handler, 2 * turns, 200, 0);
    make_thread(faulter, 0x1000, 150, fault_endpoint); // nothing is mapped there
    if (raise_interrupt())
        for (unsigned i = 0; i < turns; ++i)
            path_acknowledge();
    make_thread(yielder, 0, 100, 0);
    struct registers r = {0, 0, {0}};
    for (unsigned i = 0; i < turns; ++i) // until each thread has had a whole time slice
        trap(sys_yield, &r);
    for (unsigned i = 0; i < turns; ++i)
        path_yield();
    return 0;
}
