// Interrupts by each of the ISA's methods: line and trigger, software-generated ones, messages of a timer.
#include "isa.h"

static const cptr_t node = cap_cnode;
static cptr_t notification, badged;
enum { badge = 5 };

/// What has been signalled since the last question: the badge, or 0.
static word_t signalled(void) {
    struct registers r = {notification, 0, {0}};
    trap(sys_nb_recv, &r);
    return r.cap;
}

static word_t give_notification(cptr_t handler) {
    return invoke(handler, interrupt_set, 0, 0, 1, &badged);
}

#if !defined(__x86_64__)
static void triggers(void) {
    enum { free_interrupt = 41 };
    const cptr_t handler = new_slot();
    word_t words[] = {free_interrupt, 1, handler, 64};
    check("three words of four", invoke(cap_irq_control, issue_handler_trigger, 3, words, 1, &node), truncated_message);
    check("no CNode", invoke(cap_irq_control, issue_handler_trigger, 4, words, 0, 0), truncated_message);
    check("by edge", invoke(cap_irq_control, issue_handler_trigger, 4, words, 1, &node), no_error);
    check("whom it signals", give_notification(handler), no_error);
    check("nothing yet", signalled(), 0);
    check("it is taken", invoke(cap_irq_control, issue_handler_trigger, 4, words, 1, &node), revoke_first);
    check("give it back", delete_cap(handler), no_error);
    words[1] = 0;
    check("by level", invoke(cap_irq_control, issue_handler_trigger, 4, words, 1, &node), no_error);
    check("give it back again", delete_cap(handler), no_error);
    words[0] = 5000;
    check("no such line", invoke(cap_irq_control, issue_handler_trigger, 4, words, 1, &node), range_error);
}
#endif

#if defined(__aarch64__)
static void signal(cptr_t sgi) {
    struct registers r = {sgi, 0, {0}};
    trap(sys_send, &r);
}

static void software(void) {
    enum { number = 5 };
    const cptr_t sgi = new_slot(), away = new_slot(), handler = new_slot();
    word_t words[] = {number, 0, sgi, 64};
    check("three words only", invoke(cap_irq_control, issue_sgi_signal, 3, words, 1, &node), truncated_message);
    words[0] = 16;
    check("no such SGI", invoke(cap_irq_control, issue_sgi_signal, 4, words, 1, &node), range_error);
    words[0] = number;
    words[1] = 8;
    check("no such target", invoke(cap_irq_control, issue_sgi_signal, 4, words, 1, &node), invalid_argument);
    words[1] = 0;
    check("an SGI to this core", invoke(cap_irq_control, issue_sgi_signal, 4, words, 1, &node), no_error);
    check("the slot is taken", invoke(cap_irq_control, issue_sgi_signal, 4, words, 1, &node), delete_first);
    words[1] = 1;
    words[2] = away;
    check("an SGI to another core", invoke(cap_irq_control, issue_sgi_signal, 4, words, 1, &node), no_error);
    signal(sgi);
    const word_t get[] = {number, handler, 64};
    check("its handler", invoke(cap_irq_control, issue_handler, 3, get, 1, &node), no_error);
    check("whom it signals", give_notification(handler), no_error);
    check("nothing from before", signalled(), 0);
    signal(away);
    check("nothing from another core's", signalled(), 0);
    signal(sgi);
    check("a signal", signalled(), badge);
    signal(sgi);
    check("none before it is acknowledged", signalled(), 0);
    check("acknowledge", invoke(handler, interrupt_ack, 0, 0, 0, 0), no_error);
    check("the one that was kept", signalled(), badge);
    check("acknowledge that", invoke(handler, interrupt_ack, 0, 0, 0, 0), no_error);
    check("no more", signalled(), 0);
    const cptr_t copy = mint(sgi, all_rights, 0);
    check("delete the first", delete_cap(sgi), no_error);
    check("by call", invoke(copy, 0, 0, 0, 0, 0), no_error);
    check("a copy signals too", signalled(), badge);
    check("give the handler back", delete_cap(handler), no_error);
    signal(copy);
    check("to nobody", signalled(), 0);
}
#else
static void software(void) {}
#endif

#if defined(__x86_64__)
// HPET: IA-PC HPET specification 1.0a, 2.3; a timer may write a message in place of raising a line.
enum { hpet = 0xfed00000, configuration = 0x10 / 8, counter = 0xf0 / 8, timer = 0x100 / 8, comparator, route };
enum { enabled = 1, interrupts = 4, message_on = 1 << 14, can_send_messages = 1 << 15 };

static cptr_t device_frame(word_t physical) {
    for (word_t i = 0; i < boot_info->untyped.end - boot_info->untyped.start; ++i) {
        const cptr_t frame = new_slot();
        if (boot_info->untyped_list[i].physical == physical
            && retype(boot_info->untyped.start + i, type_page, 0, frame, 1) == no_error)
            return frame;
    }
    return 0;
}

static void message_errors(cptr_t handler) {
    word_t words[] = {handler, 64, 0, 0, 0, 0, 7};
    check("six words of seven", invoke(cap_irq_control, issue_message, 6, words, 1, &node), truncated_message);
    words[2] = 256;
    check("no such bus", invoke(cap_irq_control, issue_message, 7, words, 1, &node), range_error);
    words[2] = 0, words[3] = 32;
    check("no such device", invoke(cap_irq_control, issue_message, 7, words, 1, &node), range_error);
    words[3] = 0, words[4] = 8;
    check("no such function", invoke(cap_irq_control, issue_message, 7, words, 1, &node), range_error);
    words[4] = 0, words[6] = 108;
    check("no such number", invoke(cap_irq_control, issue_message, 7, words, 1, &node), range_error);
}

static void messages(void) {
    enum { number = 7, first_vector = 0x30, address = 0xfee00000, distance = 100000 };
    static const word_t place = 0x10000000000;
    const cptr_t handler = new_slot();
    message_errors(handler);
    const word_t words[] = {handler, 64, 0, 0, 0, 0, number};
    check("a handler of messages", invoke(cap_irq_control, issue_message, 7, words, 1, &node), no_error);
    check("the number is taken", invoke(cap_irq_control, issue_message, 7, words, 1, &node), revoke_first);
    check("its notification", give_notification(handler), no_error);
    check("nothing yet", signalled(), 0);
    const cptr_t frame = device_frame(hpet);
    check("the timer's registers", map_page(frame, place, all_rights, attribute_device), no_error);
    volatile word_t* const registers = (volatile word_t*)place;
    if (!(registers[timer] & can_send_messages)) {
        print("ok this timer sends no messages\n");
        return;
    }
    registers[route] = (word_t)address << 32 | (first_vector + number);
    for (unsigned i = 0; i < 3; ++i) {
        registers[configuration] = 0;
        registers[timer] = interrupts | message_on;
        registers[comparator] = registers[counter] + distance;
        registers[configuration] = enabled;
        struct registers r = {notification, 0, {0}};
        trap(sys_recv, &r);
        check("a message signals", r.cap, badge);
        check("acknowledge it", invoke(handler, interrupt_ack, 0, 0, 0, 0), no_error);
    }
    registers[timer] = 0;
    check("give the handler back", delete_cap(handler), no_error);
}

static void ports(void) {
    static const word_t kernel_ports[] = {0x20, 0x64, 0x70, 0x92, 0x3f8, 0x510, 0x604, 0xcf8, 0xcf9, 0xc000};
    enum { io_port_control = 7 };
    word_t refused = 0;
    const cptr_t slot = new_slot();
    for (unsigned i = 0; i < sizeof kernel_ports / sizeof kernel_ports[0]; ++i) {
        const word_t range[] = {kernel_ports[i], kernel_ports[i], slot, 64};
        refused += invoke(io_port_control, port_issue, 4, range, 1, &node) == revoke_first;
    }
    check("ports of the kernel's", refused, sizeof kernel_ports / sizeof kernel_ports[0]);
    const word_t across[] = {0x60, 0x64, slot, 64}, beside[] = {0x60, 0x61, slot, 64};
    check("a range with one of them", invoke(io_port_control, port_issue, 4, across, 1, &node), revoke_first);
    check("ports beside", invoke(io_port_control, port_issue, 4, beside, 1, &node), no_error);
}
#endif

int main(void) {
    notification = make_object(object_notification, 0);
    badged = mint(notification, all_rights, badge);
#if defined(__x86_64__)
    messages();
    ports();
#else
    triggers();
#endif
    software();
    return 0;
}
