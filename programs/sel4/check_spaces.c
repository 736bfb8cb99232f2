// Frames, page tables, ASIDs, faults as messages, interrupts: each invocation with its errors.
#include "isa.h"

#if defined(__aarch64__)
enum { free_interrupt = 39 };
static const word_t place = 0x10000000000;
#elif defined(__riscv)
enum { free_interrupt = 40 };
static const word_t place = 0x2000000000;
#else
static const word_t place = 0x10000000000;
#endif
enum { fault_exception = 3, fault_vm = 5 };

static const word_t read_only = right_read, read_write = right_read | right_write;

static word_t map(cptr_t frame, cptr_t space, word_t address, word_t rights) {
    const word_t words[] = {address, rights, attribute_plain};
    return invoke(frame, page_map, 3, words, 1, &space);
}

static word_t map_table(cptr_t table, word_t label, word_t address) {
    const word_t words[] = {address, attribute_plain};
    const cptr_t space = cap_vspace;
    return invoke(table, label, 2, words, 1, &space);
}

/// All tables for pages at `address`.
static void make_tables(word_t address) {
#if defined(__x86_64__)
    check("a PT without a PD", map_table(make_object(type_table, 0), table_map, address), failed_lookup);
    check("a PDPT", map_table(make_object(type_pdpt, 0), pdpt_map, address), no_error);
    check("a PD", map_table(make_object(type_directory, 0), directory_map, address), no_error);
    check("a PT", map_table(make_object(type_table, 0), table_map, address), no_error);
#else
    word_t error = no_error;
    unsigned made = 0;
    while (error == no_error && made < 4) {
        error = map_table(make_object(type_table, 0), table_map, address);
        made += error == no_error;
    }
    check("tables until there are all", error, delete_first);
#endif
}

static cptr_t mapping_errors(void) {
    const cptr_t frame = make_object(type_page, 0);
    check("a frame", frame != 0, 1);
    check("a page that is not aligned", map(frame, cap_vspace, place + 8, read_write), alignment_error);
    check("in the kernel's half", map(frame, cap_vspace, 0xffff800000000000, read_write), invalid_argument);
    check("into no VSpace", map(frame, cap_cnode, place, read_write), invalid_capability);
    const word_t words[] = {place, read_write};
    const cptr_t space = cap_vspace;
    check("two words only", invoke(frame, page_map, 2, words, 1, &space), truncated_message);
    check("no VSpace", invoke(frame, page_map, 3, words, 0, 0), truncated_message);
    check("without tables", map(frame, cap_vspace, place, read_write), failed_lookup);
    make_tables(place);
    check("one table too many", map_table(make_object(type_table, 0), table_map, place), delete_first);
    check("the page", map(frame, cap_vspace, place, read_write), no_error);
    check("the same again", map(frame, cap_vspace, place, read_write), no_error);
    check("elsewhere too", map(frame, cap_vspace, place + 4096, read_write), invalid_argument);
    check("its address", invoke(frame, page_address, 0, 0, 0, 0), no_error);
    check("is no null", boot_info->ipc_buffer[buffer_message] != 0, 1);
    return frame;
}

static void two_views(cptr_t frame) {
    volatile word_t* const first = (volatile word_t*)place;
    volatile word_t* const second = (volatile word_t*)(place + 4096);
    *first = 4711;
    const cptr_t copy = mint(frame, all_rights, 0);
    check("a copy is not mapped", map(copy, cap_vspace, place + 4096, read_only), no_error);
    check("the same memory", *second, 4711);
    check("delete the copy", delete_cap(copy), no_error);
    check("the first is still there", *first, 4711);
}

static void spaces(void) {
    const cptr_t root = make_object(type_root, 0);
    const cptr_t frame = make_object(type_page, 0);
    check("a root without ASID", map(frame, root, place, read_write), invalid_capability);
    check("assign", invoke(cap_asid_pool, assign, 0, 0, 1, &root), no_error);
    check("assign again", invoke(cap_asid_pool, assign, 0, 0, 1, &root), invalid_capability);
    check("assign a frame", invoke(cap_asid_pool, assign, 0, 0, 1, &frame), invalid_capability);
    check("assign nothing", invoke(cap_asid_pool, assign, 0, 0, 0, 0), truncated_message);
    check("no tables there", map(frame, root, place, read_write), failed_lookup);
    check("delete the root", delete_cap(root), no_error);

    const cptr_t small = make_object(object_untyped, 12), large = make_object(object_untyped, 13);
    const cptr_t slot = new_slot();
    const word_t words[] = {slot, 64};
    const cptr_t wrong[] = {large, cap_cnode}, right[] = {small, cap_cnode};
    check("a pool of two pages", invoke(cap_asid_control, make_pool, 2, words, 2, wrong), invalid_capability);
    check("a pool", invoke(cap_asid_control, make_pool, 2, words, 2, right), no_error);
    check("its memory is used", invoke(cap_asid_control, make_pool, 2, words, 2, right), revoke_first);
    const cptr_t other = make_object(type_root, 0);
    check("assign from it", invoke(slot, assign, 0, 0, 1, &other), no_error);
    check("delete the pool", delete_cap(slot), no_error);
    check("its roots are no more", map(frame, other, place, read_write), failed_lookup);
}

static volatile word_t steps;
static cptr_t nowhere; // an endpoint that nobody sends to

_Noreturn static void park(void) {
    struct registers r = {nowhere, 0, {0}};
    for (;;)
        trap(sys_recv, &r);
}

static void write_there(word_t address) {
    *(volatile word_t*)address = 815;
    steps = 1;
    park();
}

static void after_exception(void) {
    steps = 2;
    park();
}

static void do_what_is_undefined(word_t unused) {
    (void)unused;
    __builtin_trap();
}

static void faults(cptr_t frame) {
    nowhere = make_object(object_endpoint, 0);
    const cptr_t endpoint = make_object(object_endpoint, 0);
    const cptr_t handler = mint(endpoint, all_rights, 77);
    check("read-only from now on", map(frame, cap_vspace, place, read_only), no_error);
    make_thread(write_there, place, 100, handler);
    struct registers r = {endpoint, 0, {0}};
    trap(sys_recv, &r);
    check("the fault's badge", r.cap, 77);
    check("a VM fault", r.info >> 12, fault_vm);
    check("four words", r.info & 0x7f, 4);
    check("at the page", r.words[1], place);
    check("no fetch", r.words[2], 0);
    check("writable again", map(frame, cap_vspace, place, read_write), no_error);
    // The reply that the receive kept was not for an invocation of the root task's own.
    r = (struct registers){0, message_info(0, 0, 0), {0}};
    trap(sys_reply, &r);

    make_thread(do_what_is_undefined, 0, 100, handler);
    const word_t lower[] = {50};
    const cptr_t authority = cap_tcb;
    invoke(cap_tcb, tcb_set_priority, 1, lower, 1, &authority);
    check("it wrote", *(volatile word_t*)place, 815);
    r = (struct registers){endpoint, 0, {0}};
    trap(sys_recv, &r);
    check("a user exception", r.info >> 12, fault_exception);
    r = (struct registers){0, message_info(0, 0, 1), {(word_t)after_exception}};
    trap(sys_reply, &r);
    check("it goes on where the reply says", steps, 2);
}

static void handler_methods(cptr_t handler) {
    const cptr_t notification = make_object(object_notification, 0);
    const cptr_t frame = make_object(type_page, 0);
    check("signal a frame", invoke(handler, interrupt_set, 0, 0, 1, &frame), invalid_capability);
    check("signal nothing", invoke(handler, interrupt_set, 0, 0, 0, 0), truncated_message);
    check("signal a notification", invoke(handler, interrupt_set, 0, 0, 1, &notification), no_error);
    check("acknowledge", invoke(handler, interrupt_ack, 0, 0, 0, 0), no_error);
    check("signal nobody", invoke(handler, interrupt_clear, 0, 0, 0, 0), no_error);
    check("no method", invoke(handler, tcb_resume, 0, 0, 0, 0), illegal_operation);
}

#if defined(__x86_64__)
static void interrupts(void) {
    const cptr_t slot = new_slot(), node = cap_cnode;
    const word_t plain[] = {5, slot, 64};
    check("an ISA line", invoke(cap_irq_control, issue_handler, 3, plain, 1, &node), illegal_operation);
    word_t words[] = {slot, 64, 0, 20, 1, 0, 500};
    check("no such number", invoke(cap_irq_control, issue_io_apic, 7, words, 1, &node), range_error);
    words[6] = 5;
    check("a pin", invoke(cap_irq_control, issue_io_apic, 7, words, 1, &node), no_error);
    check("the number is taken", invoke(cap_irq_control, issue_io_apic, 7, words, 1, &node), revoke_first);
    handler_methods(slot);
    check("give it back", delete_cap(slot), no_error);
    check("it is free again", invoke(cap_irq_control, issue_io_apic, 7, words, 1, &node), no_error);

    enum { io_port_control = 7, clock_ports = 0x40 };
    const cptr_t ports = new_slot();
    const word_t range[] = {clock_ports, clock_ports + 3, ports, 64};
    check("ports", invoke(io_port_control, port_issue, 4, range, 1, &node), no_error);
    check("ports again", invoke(io_port_control, port_issue, 4, range, 1, &node), revoke_first);
    const word_t inside[] = {clock_ports}, outside[] = {clock_ports + 4};
    check("read one", invoke(ports, port_in8, 1, inside, 0, 0), no_error);
    check("read another", invoke(ports, port_in8, 1, outside, 0, 0), illegal_operation);
}
#else
static void interrupts(void) {
    const cptr_t slot = new_slot(), node = cap_cnode;
    word_t words[] = {5000, slot, 64};
    check("no such interrupt", invoke(cap_irq_control, issue_handler, 3, words, 1, &node), range_error);
    words[0] = free_interrupt;
    check("two words of three", invoke(cap_irq_control, issue_handler, 2, words, 1, &node), truncated_message);
    check("a handler", invoke(cap_irq_control, issue_handler, 3, words, 1, &node), no_error);
    check("it is taken", invoke(cap_irq_control, issue_handler, 3, words, 1, &node), revoke_first);
    handler_methods(slot);
    check("give it back", delete_cap(slot), no_error);
    check("it is free again", invoke(cap_irq_control, issue_handler, 3, words, 1, &node), no_error);
}
#endif

#if defined(__aarch64__)
// QEMU's PL061: an input that is low interrupts when it is told to do so at a low level. ARM DDI 0190.
static void live_interrupt(void) {
    enum { level = 0x404 / 4, polarity = 0x40c / 4, enable = 0x410 / 4, gpio = 0x09030000 };
    const word_t at = place + 0x10000;
    cptr_t frame = 0;
    for (word_t i = 0; i < boot_info->untyped.end - boot_info->untyped.start; ++i)
        if (boot_info->untyped_list[i].physical == gpio) {
            frame = new_slot();
            check("a device frame", retype(boot_info->untyped.start + i, type_page, 0, frame, 1), no_error);
        }
    const word_t words[] = {at, read_write, attribute_device};
    const cptr_t space = cap_vspace, node = cap_cnode;
    check("map it", invoke(frame, page_map, 3, words, 1, &space), no_error);
    const cptr_t handler = new_slot();
    const word_t issue[] = {free_interrupt, handler, 64};
    check("its interrupt", invoke(cap_irq_control, issue_handler, 3, issue, 1, &node), no_error);
    const cptr_t notification = make_object(object_notification, 0);
    const cptr_t badged = mint(notification, all_rights, 5);
    check("its notification", invoke(handler, interrupt_set, 0, 0, 1, &badged), no_error);
    volatile unsigned* const registers = (volatile unsigned*)at;
    registers[level] = 1;
    registers[polarity] = 0;
    for (unsigned i = 0; i < 3; ++i) {
        registers[enable] = 1;
        struct registers r = {notification, 0, {0}};
        trap(sys_recv, &r);
        check("an interrupt signals", r.cap, 5);
        registers[enable] = 0;
        check("acknowledge it", invoke(handler, interrupt_ack, 0, 0, 0, 0), no_error);
    }
    check("give the handler back", delete_cap(handler), no_error);
}
#else
static void live_interrupt(void) {}
#endif

// A Retype of much memory is interrupted; meanwhile another one writes into that memory, and leaves the untyped
// capability as it was.
enum { large_pages = 64 };
static volatile word_t large_done, large_error;
static void make_large(word_t untyped) {
    struct registers r = {untyped, message_info(untyped_retype, 1, 6), {type_page + 1, 0, 0, 0}};
    trap(sys_call, &r);
    large_error = r.info >> 12;
    large_done = 1;
    park();
}

static void dirty(cptr_t untyped) {
    const cptr_t moved = new_slot(), page = new_slot(), node = cap_cnode;
    const word_t there[] = {moved, 64, untyped, 64}, back[] = {untyped, 64, moved, 64};
    check("move the memory", invoke(cap_cnode, cnode_move, 4, there, 1, &node), no_error);
    check("a page of it", retype(moved, type_page, 0, page, 1), no_error);
    check("map it", map(page, cap_vspace, place + 8192, read_write), no_error);
    *(volatile word_t*)(place + 8192) = 4711;
    check("delete it", delete_cap(page), no_error);
    check("move the memory back", invoke(cap_cnode, cnode_move, 4, back, 1, &node), no_error);
}

static void interrupted_retype(void) {
    enum { cap_ipc_buffer = 10 };
    const cptr_t untyped = make_object(object_untyped, 27), page = new_slot(), buffer = cap_ipc_buffer, own = cap_tcb;
    check("a page before", retype(untyped, type_page, 0, page, 1), no_error);
    check("delete it", delete_cap(page), no_error);
    const cptr_t pages = new_slot();
    for (unsigned i = 1; i < large_pages; ++i)
        new_slot();
    const word_t address = (word_t)boot_info->ipc_buffer, low = 10, high = 255;
    const cptr_t thread = make_thread(make_large, untyped, low, 0);
    check("the same buffer", invoke(thread, tcb_set_ipc_buffer, 1, &address, 1, &buffer), no_error);
    for (unsigned turn = 0; !large_done; ++turn) {
        invoke(own, tcb_set_priority, 1, &low, 1, &own);
        boot_info->ipc_buffer[buffer_message + 4] = pages;
        boot_info->ipc_buffer[buffer_message + 5] = large_pages;
        boot_info->ipc_buffer[buffer_caps] = cap_cnode;
        struct registers r = {0};
        trap(sys_yield, &r);
        invoke(own, tcb_set_priority, 1, &high, 1, &own);
        if (turn == 0 && !large_done)
            dirty(untyped);
    }
    check("large pages", large_error, no_error);
    check("map one", map(pages, cap_vspace, place + 0x400000, read_write), no_error);
    check("it is empty", *(volatile word_t*)(place + 0x400000), 0);
}

int main(void) {
    const cptr_t frame = mapping_errors();
    two_views(frame);
    spaces();
    faults(frame);
    interrupted_retype();
    live_interrupt();
    interrupts();
    check("unmap", invoke(frame, page_unmap, 0, 0, 0, 0), no_error);
    return 0;
}
