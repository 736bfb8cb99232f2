// Interrupt control and handlers, I/O ports, domains: each method with its errors.
#include "attempt.h"

static const cptr_t node = cap_cnode;
static cptr_t endpoint, notification, slot;

static void handler_methods(cptr_t handler) {
    const cptr_t blind = mint(notification, right_read, 1), other = new_slot();
    ATTEMPT(
        {"no method of a handler", handler, tcb_resume, illegal_operation, WORDS(0)},
        {"nothing to signal", handler, interrupt_set, truncated_message, WORDS(0)},
        {"an endpoint", handler, interrupt_set, invalid_capability, CAPS(endpoint), ANSWER(0)},
        {"a notification that may not be signalled", handler, interrupt_set, invalid_capability, CAPS(blind),
         ANSWER(0)},
        {"a notification", handler, interrupt_set, no_error, CAPS(notification)},
        {"another in its place", handler, interrupt_set, no_error, CAPS(notification)},
        {"acknowledge", handler, interrupt_ack, no_error, WORDS(0)},
        {"signal nobody", handler, interrupt_clear, no_error, WORDS(0)},
        {"still nobody", handler, interrupt_clear, no_error, WORDS(0)},
        {"a copy of the handler", cap_cnode, cnode_copy, no_error, WORDS(other, 64, handler, 64, all_rights),
         CAPS(node)},
        {"it is as good", other, interrupt_set, no_error, CAPS(notification)},
        {"delete the first", cap_cnode, cnode_delete, no_error, WORDS(handler, 64)},
        {"the copy lives", other, interrupt_ack, no_error, WORDS(0)},
        {"no control, no copies of it", cap_cnode, cnode_copy, illegal_operation,
         WORDS(handler, 64, cap_irq_control, 64, all_rights), CAPS(node)},
        {"the control takes all handlers", cap_cnode, cnode_revoke, no_error, WORDS(cap_irq_control, 64)},
        {"the copy is gone", other, interrupt_ack, invalid_capability, WORDS(0)}, );
}

#if defined(__x86_64__)
enum { free_number = 60, free_pin = 20 };
// index, depth, chip, pin, level, low, number
static void control(void) {
    ATTEMPT(
        {"no method of the control", cap_irq_control, tcb_resume, illegal_operation, WORDS(0)},
        {"by line alone", cap_irq_control, issue_handler, illegal_operation, WORDS(5, slot, 64), CAPS(node)},
        {"six words", cap_irq_control, issue_io_apic, truncated_message, WORDS(slot, 64, 0, free_pin, 1, 0),
         CAPS(node)},
        {"no CNode", cap_irq_control, issue_io_apic, truncated_message,
         WORDS(slot, 64, 0, free_pin, 1, 0, free_number)},
        {"no such number", cap_irq_control, issue_io_apic, range_error, WORDS(slot, 64, 0, free_pin, 1, 0, 500),
         CAPS(node)},
        {"no such chip", cap_irq_control, issue_io_apic, range_error, WORDS(slot, 64, 99, free_pin, 1, 0, free_number),
         CAPS(node)},
        {"no such pin", cap_irq_control, issue_io_apic, range_error, WORDS(slot, 64, 0, 99, 1, 0, free_number),
         CAPS(node)},
        {"level or edge", cap_irq_control, issue_io_apic, range_error, WORDS(slot, 64, 0, free_pin, 2, 0, free_number),
         CAPS(node), ANSWER(0, 1)},
        {"low or high", cap_irq_control, issue_io_apic, range_error, WORDS(slot, 64, 0, free_pin, 1, 2, free_number),
         CAPS(node), ANSWER(0, 1)},
        {"a slot that is taken", cap_irq_control, issue_io_apic, delete_first,
         WORDS(endpoint, 64, 0, free_pin, 1, 0, free_number), CAPS(node)},
        {"no bits", cap_irq_control, issue_io_apic, range_error, WORDS(slot, 0, 0, free_pin, 1, 0, free_number),
         CAPS(node), ANSWER(1, 64)},
        {"into an endpoint", cap_irq_control, issue_io_apic, failed_lookup,
         WORDS(slot, 64, 0, free_pin, 1, 0, free_number), CAPS(endpoint), ANSWER(0, 1)}, );
    ATTEMPT(
        {"a pin", cap_irq_control, issue_io_apic, no_error, WORDS(slot, 64, 0, free_pin, 1, 0, free_number),
         CAPS(node)},
        {"its number is taken", cap_irq_control, issue_io_apic, revoke_first,
         WORDS(slot + 1, 64, 0, free_pin, 1, 0, free_number), CAPS(node)},
        {"for a message too", cap_irq_control, issue_message, revoke_first,
         WORDS(slot + 1, 64, 0, 2, 0, 0, free_number), CAPS(node)}, );
    handler_methods(slot);
    // index, depth, bus, device, function, handle, number
    ATTEMPT(
        {"six words", cap_irq_control, issue_message, truncated_message, WORDS(slot, 64, 0, 2, 0, 0), CAPS(node)},
        {"no CNode", cap_irq_control, issue_message, truncated_message, WORDS(slot, 64, 0, 2, 0, 0, free_number)},
        {"no such number", cap_irq_control, issue_message, range_error, WORDS(slot, 64, 0, 2, 0, 0, 500), CAPS(node)},
        {"no such bus", cap_irq_control, issue_message, range_error, WORDS(slot, 64, 256, 2, 0, 0, free_number),
         CAPS(node), ANSWER(0, 255)},
        {"no such device", cap_irq_control, issue_message, range_error, WORDS(slot, 64, 0, 32, 0, 0, free_number),
         CAPS(node), ANSWER(0, 31)},
        {"no such function", cap_irq_control, issue_message, range_error, WORDS(slot, 64, 0, 2, 8, 0, free_number),
         CAPS(node), ANSWER(0, 7)},
        {"a slot that is taken", cap_irq_control, issue_message, delete_first,
         WORDS(endpoint, 64, 0, 2, 0, 0, free_number), CAPS(node)},
        {"messages", cap_irq_control, issue_message, no_error, WORDS(slot, 64, 0, 2, 0, 0, free_number), CAPS(node)}, );
    handler_methods(slot);
}

// Ports of a sound card that is not there.
enum { first_port = 0x220, last_port = 0x223, cap_io_port_control = 7 };
static void own_interrupts(void) {
    ATTEMPT(
        {"no method of the control", cap_io_port_control, tcb_resume, illegal_operation, WORDS(0)},
        {"three words", cap_io_port_control, port_issue, truncated_message, WORDS(first_port, last_port, slot),
         CAPS(node)},
        {"no CNode", cap_io_port_control, port_issue, truncated_message, WORDS(first_port, last_port, slot, 64)},
        {"the last before the first", cap_io_port_control, port_issue, invalid_argument,
         WORDS(last_port, first_port, slot, 64), CAPS(node), ANSWER(1)},
        {"a slot that is taken", cap_io_port_control, port_issue, delete_first,
         WORDS(first_port, last_port, endpoint, 64), CAPS(node)},
        {"no bits", cap_io_port_control, port_issue, range_error, WORDS(first_port, last_port, slot, 0), CAPS(node),
         ANSWER(1, 64)},
        {"into an endpoint", cap_io_port_control, port_issue, failed_lookup, WORDS(first_port, last_port, slot, 64),
         CAPS(endpoint), ANSWER(0, 1)},
        {"four ports", cap_io_port_control, port_issue, no_error, WORDS(first_port, last_port, slot, 64), CAPS(node)},
        {"one of them again", cap_io_port_control, port_issue, revoke_first,
         WORDS(first_port, first_port, slot + 1, 64), CAPS(node)},
        {"no method of ports", slot, tcb_resume, illegal_operation, WORDS(0)}, );
    static const unsigned in[] = {port_in8, port_in16, port_in32}, out[] = {port_out8, port_out16, port_out32};
    for (unsigned i = 0; i < 3; ++i)
        ATTEMPT(
            {"no port", slot, in[i], truncated_message, .length = 0},
            {"below them", slot, in[i], illegal_operation, WORDS(first_port - 1)},
            {"over their end", slot, in[i], illegal_operation,
             WORDS(
                 last_port + 1
                 - (i == 0   ? 0
                    : i == 1 ? 1
                             : 3))},
            {"read", slot, in[i], no_error, WORDS(first_port)},
            {"no value", slot, out[i], truncated_message, WORDS(first_port)},
            {"below them", slot, out[i], illegal_operation, WORDS(first_port - 1, 0)},
            {"over their end", slot, out[i], illegal_operation, WORDS(last_port + 1, 0)},
            {"write", slot, out[i], no_error, WORDS(first_port, 0)}, );
    ATTEMPT(
        {"a copy", cap_cnode, cnode_copy, no_error, WORDS(slot + 1, 64, slot, 64, all_rights), CAPS(node)},
        {"delete the first", cap_cnode, cnode_delete, no_error, WORDS(slot, 64)},
        {"they are still taken", cap_io_port_control, port_issue, revoke_first, WORDS(first_port, last_port, slot, 64),
         CAPS(node)},
        {"the control takes them", cap_cnode, cnode_revoke, no_error, WORDS(cap_io_port_control, 64)},
        {"they are free", cap_io_port_control, port_issue, no_error, WORDS(first_port, last_port, slot, 64),
         CAPS(node)}, );
    check("delete them", delete_cap(slot), no_error);
}
#else
#if defined(__aarch64__)
enum { free_line = 39 };
#else
enum { free_line = 40 };
#endif
static void control(void) {
    ATTEMPT(
        {"no method of the control", cap_irq_control, tcb_resume, illegal_operation, WORDS(0)},
        {"two words", cap_irq_control, issue_handler, truncated_message, WORDS(free_line, slot), CAPS(node)},
        {"no CNode", cap_irq_control, issue_handler, truncated_message, WORDS(free_line, slot, 64)},
        {"no such line", cap_irq_control, issue_handler, range_error, WORDS(5000, slot, 64), CAPS(node)},
        {"a slot that is taken", cap_irq_control, issue_handler, delete_first, WORDS(free_line, endpoint, 64),
         CAPS(node)},
        {"no bits", cap_irq_control, issue_handler, range_error, WORDS(free_line, slot, 0), CAPS(node), ANSWER(1, 64)},
        {"into an endpoint", cap_irq_control, issue_handler, failed_lookup, WORDS(free_line, slot, 64), CAPS(endpoint),
         ANSWER(0, 1)},
        {"a handler", cap_irq_control, issue_handler, no_error, WORDS(free_line, slot, 64), CAPS(node)},
        {"it is taken", cap_irq_control, issue_handler, revoke_first, WORDS(free_line, slot + 1, 64), CAPS(node)},
        {"by trigger too", cap_irq_control, issue_handler_trigger, revoke_first, WORDS(free_line, 0, slot + 1, 64),
         CAPS(node)}, );
    handler_methods(slot);
    ATTEMPT(
        {"three words", cap_irq_control, issue_handler_trigger, truncated_message, WORDS(free_line, 0, slot),
         CAPS(node)},
        {"no CNode", cap_irq_control, issue_handler_trigger, truncated_message, WORDS(free_line, 0, slot, 64)},
        {"no such line", cap_irq_control, issue_handler_trigger, range_error, WORDS(5000, 0, slot, 64), CAPS(node)},
        {"a slot that is taken", cap_irq_control, issue_handler_trigger, delete_first,
         WORDS(free_line, 0, endpoint, 64), CAPS(node)},
        {"no bits", cap_irq_control, issue_handler_trigger, range_error, WORDS(free_line, 0, slot, 0), CAPS(node),
         ANSWER(1, 64)},
        {"into an endpoint", cap_irq_control, issue_handler_trigger, failed_lookup, WORDS(free_line, 0, slot, 64),
         CAPS(endpoint), ANSWER(0, 1)},
        {"by trigger", cap_irq_control, issue_handler_trigger, no_error, WORDS(free_line, 1, slot, 64), CAPS(node)}, );
    handler_methods(slot);
}
#if defined(__aarch64__)
/// Software-generated interrupts: a capability raises one, a handler of the same number hears it.
static void own_interrupts(void) {
    enum { signal = 5, core = 0 };
    ATTEMPT(
        {"three words", cap_irq_control, issue_sgi_signal, truncated_message, WORDS(signal, core, slot), CAPS(node)},
        {"no CNode", cap_irq_control, issue_sgi_signal, truncated_message, WORDS(signal, core, slot, 64)},
        {"no such interrupt", cap_irq_control, issue_sgi_signal, range_error, WORDS(16, core, slot, 64), CAPS(node),
         ANSWER(0, 15)},
        {"no such target", cap_irq_control, issue_sgi_signal, invalid_argument, WORDS(signal, 8, slot, 64), CAPS(node),
         ANSWER(1)},
        {"a slot that is taken", cap_irq_control, issue_sgi_signal, delete_first, WORDS(signal, core, endpoint, 64),
         CAPS(node)},
        {"no bits", cap_irq_control, issue_sgi_signal, range_error, WORDS(signal, core, slot, 0), CAPS(node),
         ANSWER(1, 64)},
        {"into an endpoint", cap_irq_control, issue_sgi_signal, failed_lookup, WORDS(signal, core, slot, 64),
         CAPS(endpoint), ANSWER(0, 1)},
        {"one", cap_irq_control, issue_sgi_signal, no_error, WORDS(signal, core, slot, 64), CAPS(node)},
        {"its handler", cap_irq_control, issue_handler, no_error, WORDS(signal, slot + 1, 64), CAPS(node)},
        {"that signals", slot + 1, interrupt_set, no_error, CAPS(notification)},
        {"raise it", slot, 0, no_error, .length = 0}, );
    check("it is heard", receive(sys_recv, notification).info, 0);
    ATTEMPT(
        {"the control takes both", cap_cnode, cnode_revoke, no_error, WORDS(cap_irq_control, 64)},
        {"it is gone", slot, 0, invalid_capability, .length = 0}, );
}
#else
static void own_interrupts(void) {}
#endif
#endif

static void domains(void) {
    const cptr_t thread = make_object(object_tcb, 0);
    ATTEMPT(
        {"no method of the domain", cap_domain, tcb_resume, illegal_operation, WORDS(0)},
        {"no domain", cap_domain, domain_set, truncated_message, CAPS(thread)},
        {"no such domain", cap_domain, domain_set, invalid_argument, WORDS(200), CAPS(thread), ANSWER(0)},
        {"no thread", cap_domain, domain_set, truncated_message, WORDS(0)},
        {"an endpoint", cap_domain, domain_set, invalid_argument, WORDS(0), CAPS(endpoint), ANSWER(1)},
        {"a thread", cap_domain, domain_set, no_error, WORDS(0), CAPS(thread)},
        {"two words", cap_domain, domain_schedule_configure, truncated_message, WORDS(0, 0)},
        {"no such entry", cap_domain, domain_schedule_configure, range_error, WORDS(5000, 0, 1)},
        {"no such domain", cap_domain, domain_schedule_configure, range_error, WORDS(0, 200, 1), ANSWER(0, 0)},
        {"too long", cap_domain, domain_schedule_configure, invalid_argument, WORDS(0, 0, 1ul << 60), ANSWER(2)},
        {"no time where it starts", cap_domain, domain_schedule_configure, invalid_argument, WORDS(0, 0, 0), ANSWER(2)},
        {"an entry", cap_domain, domain_schedule_configure, no_error, WORDS(0, 0, 100)},
        {"no entry", cap_domain, domain_schedule_set_start, truncated_message, .length = 0},
        {"no such entry", cap_domain, domain_schedule_set_start, range_error, WORDS(5000)},
        {"the end's mark", cap_domain, domain_schedule_set_start, invalid_argument, WORDS(1), ANSWER(0)},
        {"the first", cap_domain, domain_schedule_set_start, no_error, WORDS(0)}, );
    check("delete the thread", delete_cap(thread), no_error);
}

int main(void) {
    endpoint = make_object(object_endpoint, 0);
    notification = make_object(object_notification, 0);
    slot = new_slot();
    new_slot();
    control();
    own_interrupts();
    domains();
    return 0;
}
