// An interrupt of a device and a page fault, again and again, each with a thread that waits for it: for pylon walk. The
// device interrupts because a register of it is written, so that every run is interrupted at the same instruction.
#include "sel4.h"

enum { turns = 8, badge = 5 };
enum { page = 0x1000 };

#if defined(__x86_64__)
// The keyboard answers an echo command with the same byte, and that interrupts.
enum { issue_io_apic = 51, port_issue = 44, port_in8, port_out8 = 48, io_port_control = 7 };
enum { data_port = 0x60, echo = 0xee, keyboard_pin = 1, vector = 9 };
static cptr_t ports;

static word_t make_interrupt(cptr_t slot) {
    const word_t words[] = {slot, 64, 0, keyboard_pin, 0, 0, vector};
    const cptr_t node = cap_cnode;
    return invoke(cap_irq_control, issue_io_apic, 7, words, 1, &node);
}
static word_t find_device(void) {
    ports = new_slot();
    const word_t range[] = {data_port, data_port, ports, 64};
    const cptr_t node = cap_cnode;
    return invoke(io_port_control, port_issue, 4, range, 1, &node);
}
static void raise_interrupt(void) {
    const word_t data[] = {data_port, echo};
    invoke(ports, port_out8, 2, data, 0, 0);
}
static void calm_device(void) {
    const word_t data[] = {data_port};
    invoke(ports, port_in8, 1, data, 0, 0);
}
#else
#if defined(__aarch64__)
// QEMU's PL061 (ARM DDI 0190): an input that is low interrupts when it is told to do so at a low level.
enum { type_page = 7, type_table = 9, table_map = 38, page_map = 40, device = 0x09030000, number = 39 };
enum { level = 0x404 / 4, polarity = 0x40c / 4, enable = 0x410 / 4 };
static const word_t place = 0x10000010000;
#else
// QEMU's goldfish real-time clock: an alarm in the past rings at once.
enum { type_page = 6, type_table = 8, table_map = 33, page_map = 35, device = 0x00101000, number = 11 };
enum { alarm_low = 0x08 / 4, alarm_high = 0x0c / 4, enable = 0x10 / 4, clear = 0x1c / 4 };
static const word_t place = 0x2000010000;
#endif

static volatile unsigned* const registers = (volatile unsigned*)place;

static word_t make_interrupt(cptr_t slot) {
    const word_t words[] = {number, slot, 64};
    const cptr_t node = cap_cnode;
    return invoke(cap_irq_control, issue_handler, 3, words, 1, &node);
}
static word_t find_device(void) {
    const cptr_t space = cap_vspace;
    cptr_t frame = 0;
    for (word_t i = 0; i < boot_info->untyped.end - boot_info->untyped.start; ++i)
        if (boot_info->untyped_list[i].physical == device) {
            frame = new_slot();
            retype(boot_info->untyped.start + i, type_page, 0, frame, 1);
        }
    for (unsigned i = 0; i < 3; ++i) {
        const word_t table[] = {place, 0};
        invoke(make_object(type_table, 0), table_map, 2, table, 1, &space);
    }
    const word_t words[] = {place, right_read | right_write, 0}; // not cached
    return invoke(frame, page_map, 3, words, 1, &space);
}
#if defined(__aarch64__)
static void raise_interrupt(void) {
    registers[level] = 1;
    registers[polarity] = 0;
    registers[enable] = 1;
}
static void calm_device(void) {
    registers[enable] = 0;
}
#else
static void raise_interrupt(void) {
    registers[enable] = 1;
    registers[alarm_high] = 0;
    registers[alarm_low] = 0;
}
static void calm_device(void) {
    registers[clear] = 1;
    registers[enable] = 0;
}
#endif
#endif

static cptr_t handler, notification, endpoint;
static volatile word_t interrupts, faults;

/// Waits for the device's interrupt, and lets the next one come.
static void driver(word_t unused) {
    (void)unused;
    for (;;) {
        struct registers r = {notification, 0, {0}};
        trap(sys_recv, &r);
        interrupts += r.cap == badge;
        calm_device();
        invoke(handler, interrupt_ack, 0, 0, 0, 0);
    }
}

/// Gets the fault's message; its empty answer lets the faulting thread try once more.
static void pager(word_t unused) {
    (void)unused;
    struct registers r = {endpoint, 0, {0}};
    trap(sys_recv, &r);
    for (;;) {
        ++faults;
        if (faults == turns) // it has tried often enough
            trap(sys_recv, &r);
        r = (struct registers){endpoint, 0, {0}};
        trap(sys_reply_recv, &r);
    }
}

static void faulter(word_t address) {
    *(volatile word_t*)address = 1;
}

int main(void) {
    handler = new_slot();
    notification = make_object(object_notification, 0);
    endpoint = make_object(object_endpoint, 0);
    const cptr_t badged = mint(notification, all_rights, badge);
    check("the device", find_device(), no_error);
    check("its interrupt", make_interrupt(handler), no_error);
    check("its notification", invoke(handler, interrupt_set, 0, 0, 1, &badged), no_error);
    invoke(handler, interrupt_ack, 0, 0, 0, 0);
    make_thread(driver, 0, 200, 0);
    make_thread(pager, 0, 200, 0);
    const word_t priority[] = {100};
    const cptr_t authority[] = {cap_tcb};
    invoke(cap_tcb, tcb_set_priority, 1, priority, 1, authority);
    for (unsigned i = 1; i <= turns; ++i) {
        raise_interrupt();
        while (interrupts != i) {}
    }
    make_thread(faulter, page, 150, mint(endpoint, all_rights, 7));
    const word_t lower[] = {50};
    invoke(cap_tcb, tcb_set_priority, 1, lower, 1, authority);
    check("interrupts", interrupts, turns);
    check("faults", faults, turns);
    return 0;
}
