// Deletion and revocation in every shape: of what is in use, in itself, or far down.
#include "attempt.h"

#if defined(__riscv)
static const word_t place = 0x2000000000;
#else
static const word_t place = 0x10000000000;
#endif

static const cptr_t node = cap_cnode;
static cptr_t endpoint, parking;
static volatile word_t step;

_Noreturn static void park(void) {
    for (;;)
        trap_plain(sys_recv, parking, 0);
}
static int is_empty(cptr_t slot) {
    const word_t words[] = {slot, 64, endpoint, 64, all_rights};
    const word_t error = invoke(cap_cnode, cnode_copy, 5, words, 1, &node);
    if (error == no_error)
        delete_cap(slot);
    return error == no_error;
}
static cptr_t copy_of(cptr_t from, cptr_t slot, word_t badge) {
    const word_t words[] = {slot, 64, from, 64, all_rights, badge};
    return invoke(cap_cnode, badge ? cnode_mint : cnode_copy, badge ? 6 : 5, words, 1, &node) == no_error ? slot : 0;
}
static cptr_t new_slots(unsigned count) {
    const cptr_t first = new_slot();
    for (unsigned i = 1; i < count; ++i)
        new_slot();
    return first;
}

/// Who is whose child: endpoints, by their badges.
static void chains(void) {
    enum { links = 200 };
    const cptr_t first = new_slots(links + 2), memory = make_object(object_untyped, 12);
    retype(memory, object_endpoint, 0, first, 1);
    // A copy of a copy of a copy: all are the original's children, none another's.
    for (unsigned i = 1; i < links; ++i)
        copy_of(first + i - 1, first + i, 0);
    check("revoke a copy in the middle", revoke_cap(first + links / 2), no_error);
    check("its copies are there", is_empty(first + links - 1), 0);
    check("revoke the original", revoke_cap(first), no_error);
    unsigned left = 0;
    for (unsigned i = 1; i < links; ++i)
        left += !is_empty(first + i);
    check("all copies are gone", left, 0);
    check("the original is there", is_empty(first), 0);
    // Badges: the copies of one belong to it.
    copy_of(first, first + 1, 11);
    copy_of(first, first + 2, 22);
    copy_of(first + 1, first + 3, 0);
    copy_of(first + 3, first + 4, 0);
    check("revoke a badge", revoke_cap(first + 1), no_error);
    check("its copies are gone", is_empty(first + 3) && is_empty(first + 4), 1);
    check("it is there", is_empty(first + 1), 0);
    check("and so is the other badge", is_empty(first + 2), 0);
    // A parent that is moved is still a parent; one that is deleted leaves its children to its own.
    copy_of(first + 1, first + 3, 0);
    const word_t move[] = {first + 5, 64, first + 1, 64};
    check("move the badged one", invoke(cap_cnode, cnode_move, 4, move, 1, &node), no_error);
    check("revoke it there", revoke_cap(first + 5), no_error);
    check("its copy is gone", is_empty(first + 3), 1);
    copy_of(first + 5, first + 3, 0);
    check("delete it", delete_cap(first + 5), no_error);
    check("its copy is there", is_empty(first + 3), 0);
    check("revoke the memory", revoke_cap(memory), no_error);
    check("nothing is left", is_empty(first) && is_empty(first + 2) && is_empty(first + 3), 1);
}

/// CNodes that hold themselves, each other, and what they are made of.
static void cycles(void) {
    const cptr_t slots = new_slots(6), memory = make_object(object_untyped, 14);
    retype(memory, object_cap_table, 3, slots, 1);
    retype(memory, object_cap_table, 3, slots + 1, 1);
    ATTEMPT(
        {"in itself", slots, cnode_copy, no_error, WORDS(1, 3, slots, 64, all_rights), CAPS(node)},
        {"in the other", slots + 1, cnode_copy, no_error, WORDS(2, 3, slots, 64, all_rights), CAPS(node)},
        {"the other in it", slots, cnode_copy, no_error, WORDS(3, 3, slots + 1, 64, all_rights), CAPS(node)}, );
    check("delete one", delete_cap(slots), no_error);
    check("the other has it still", invoke(slots + 1, cnode_revoke, 2, (const word_t[]){2, 3}, 0, 0), no_error);
    check("delete the other", delete_cap(slots + 1), no_error);
    // They hold each other now and nobody holds them; their memory knows.
    check("the memory takes them", revoke_cap(memory), no_error);
    check("it is free as a whole", retype(memory, object_cap_table, 9, slots, 1), no_error);
    check("revoke", revoke_cap(memory), no_error);

    // Moved into itself: the only capability is inside.
    retype(memory, object_cap_table, 2, slots, 1);
    retype(memory, object_cap_table, 2, slots + 1, 1);
    const word_t move[] = {0, 2, slots + 1, 64};
    check("one into the other", invoke(slots, cnode_move, 4, move, 1, &node), no_error);
    const word_t inner[] = {1, 2, slots, 64};
    check("the outer one into itself", invoke(slots, cnode_move, 4, inner, 1, &node), no_error);
    check("nobody can name it", is_empty(slots) && is_empty(slots + 1), 1);
    check("its memory takes it", revoke_cap(memory), no_error);
    check("all of it", retype(memory, object_cap_table, 9, slots, 1), no_error);

    // The memory itself lies in a CNode made of it.
    const cptr_t other = make_object(object_untyped, 12);
    retype(other, object_cap_table, 2, slots + 2, 1);
    const word_t in[] = {3, 2, other, 64};
    check("memory in what was made of it", invoke(slots + 2, cnode_move, 4, in, 1, &node), no_error);
    check("delete the CNode and it", delete_cap(slots + 2), no_error);
    check("both are gone", is_empty(slots + 2) && is_empty(other), 1);
}

/// A deep nest, each CNode the only one to hold the next.
static void nest(void) {
    enum { depth = 100 };
    const cptr_t memory = make_object(object_untyped, 15), slot = new_slots(2);
    check("the innermost", retype(memory, object_cap_table, 1, slot, 1), no_error);
    unsigned made = 1;
    for (; made < depth; ++made) {
        if (retype(memory, object_cap_table, 1, slot + 1, 1) != no_error)
            break;
        const word_t in[] = {made % 2, 1, slot, 64}, out[] = {slot, 64, slot + 1, 64};
        if (invoke(slot + 1, cnode_move, 4, in, 1, &node) || invoke(cap_cnode, cnode_move, 4, out, 1, &node))
            break;
    }
    check("a hundred of them", made, depth);
    check("delete the outermost", delete_cap(slot), no_error);
    // What was nested may still hold what was nested in it, out of everybody's reach but the memory's.
    check("revoke the memory", revoke_cap(memory), no_error);
    check("all memory is free", retype(memory, object_untyped, 15, slot, 1), no_error);
    delete_cap(memory);
}

// Threads in every state on objects of one piece of memory, which is revoked.
static volatile cptr_t meeting, signals;
static void sender(word_t unused) {
    (void)unused;
    trap_plain(sys_send, meeting, 0);
    park();
}
static void caller(word_t unused) {
    (void)unused;
    trap_plain(sys_call, meeting, 0);
    park();
}
static void waiter(word_t unused) {
    (void)unused;
    trap_plain(sys_recv, signals, 0);
    park();
}
static void runner(word_t unused) {
    (void)unused;
    for (;;)
        ++step;
}

static void (*const states[])(word_t) = {sender, caller, waiter, runner};
enum { state_count = sizeof(states) / sizeof(*states) };

static void busy_memory(void) {
    for (unsigned round = 0; round < 2; ++round) {
        const cptr_t memory = make_object(object_untyped, 16), slots = new_slots(2 + state_count);
        meeting = slots, signals = slots + 1;
        retype(memory, object_endpoint, 0, meeting, 1);
        retype(memory, object_notification, 0, signals, 1);
        cptr_t threads[state_count];
        for (unsigned i = 0; i < state_count; ++i)
            threads[i] = make_thread(states[i], 0, 100, 0);
        set_own_priority(100);
        for (unsigned i = 0; i < 8; ++i)
            trap_plain(sys_yield, 0, 0);
        receive(sys_nb_recv, meeting); // one of them waits for an answer then
        set_own_priority(255);
        if (round == 0) {
            check("revoke what they wait in", revoke_cap(memory), no_error);
            for (unsigned i = 0; i < state_count; ++i)
                delete_cap(threads[i]);
        } else {
            for (unsigned i = 0; i < state_count; ++i)
                delete_cap(threads[i]);
            check("or first the threads, then that", revoke_cap(memory), no_error);
        }
        check("the memory is whole", retype(memory, object_cap_table, 11, slots, 1), no_error);
        check("revoke it", revoke_cap(memory), no_error);
    }
    const word_t before = step;
    set_own_priority(1);
    trap_plain(sys_yield, 0, 0);
    set_own_priority(255);
    check("nobody runs on", step, before);
}

/// Address spaces are taken away from under those who use them.
static cptr_t build_space(cptr_t memory, cptr_t root, cptr_t page) {
    retype(memory, type_root, 0, root, 1);
    invoke(cap_asid_pool, assign, 0, 0, 1, &root);
    retype(memory, type_page, 0, page, 1);
    const word_t words[] = {place, right_read | right_write, attribute_plain};
    word_t error = failed_lookup;
    for (unsigned i = 0; i < 5 && error == failed_lookup; ++i) {
        error = invoke(page, page_map, 3, words, 1, &root);
        if (error != failed_lookup)
            break;
        const cptr_t slot = new_slot();
        const word_t where[] = {place, attribute_plain};
#if defined(__x86_64__)
        const unsigned types[] = {type_pdpt, type_directory, type_table};
        const unsigned labels[] = {pdpt_map, directory_map, table_map};
        retype(memory, types[i], 0, slot, 1);
        invoke(slot, labels[i], 2, where, 1, &root);
#else
        retype(memory, type_table, 0, slot, 1);
        invoke(slot, table_map, 2, where, 1, &root);
#endif
    }
    return error == no_error ? page : 0;
}

static void spaces(void) {
    const cptr_t memory = make_object(object_untyped, 16), slots = new_slots(4);
    const cptr_t root = slots, page = slots + 1;
    for (unsigned round = 0; round < 4; ++round) {
        check("a page in a space of its own", build_space(memory, root, page), page);
        const cptr_t thread = make_thread(runner, 0, 100, endpoint);
        const word_t words[] = {endpoint, 0, 0};
        const cptr_t roots[] = {cap_cnode, root};
        check("a thread there", invoke(thread, tcb_set_space, 3, words, 2, roots), no_error);
        if (round == 1)
            check("delete the page", delete_cap(page), no_error);
        if (round == 2)
            check("delete the root", delete_cap(root), no_error);
        set_own_priority(50); // it faults: nothing of the program is mapped there
        set_own_priority(255);
        const struct registers fault = receive(sys_nb_recv, endpoint);
        // Its own VSpace slot counts as a capability of the root too, so the root is there in all rounds.
        check("it faults", fault.info >> 12, 5);
        if (round == 3)
            check("delete the thread", delete_cap(thread), no_error);
        check("revoke all of it", revoke_cap(memory), no_error);
        check("no page is left", invoke(page, page_address, 0, 0, 0, 0), invalid_capability);
        delete_cap(thread);
    }
    check("the memory is whole", retype(memory, object_cap_table, 11, slots, 1), no_error);
    check("delete it", delete_cap(slots), no_error);

    // A pool goes with all roots that it numbered; a page of theirs can be unmapped no more, but deleted.
    const cptr_t piece = make_object(object_untyped, 12), pool = new_slot();
    ATTEMPT({"a pool", cap_asid_control, make_pool, no_error, WORDS(pool, 64), CAPS(piece, node)}, );
    retype(memory, type_root, 0, root, 1);
    ATTEMPT(
        {"a root in it", pool, assign, no_error, CAPS(root)},
        {"revoke its memory", cap_cnode, cnode_revoke, no_error, WORDS(piece, 64)},
        {"the root has no number", page, page_map, invalid_capability, WORDS(place, 3, attribute_plain), CAPS(root)},
        {"a pool of the same memory", cap_asid_control, make_pool, no_error, WORDS(pool, 64), CAPS(piece, node)}, );
    check("revoke the root's memory", revoke_cap(memory), no_error);
}

/// A thread that revokes what it stands on.
static volatile cptr_t own_memory;
static void saw_off(word_t unused) {
    (void)unused;
    step = 1;
    revoke_cap(own_memory);
    step = 2;
    park();
}
static void own_thread(void) {
    own_memory = make_object(object_untyped, 15);
    const cptr_t tcb = new_slots(2), cnode = tcb + 1;
    retype(own_memory, object_tcb, 0, tcb, 1);
    retype(own_memory, object_cap_table, 4, cnode, 1);
    // Its CSpace: a CNode of that memory, with the root CNode and so the memory's own capability in it.
    const cptr_t helper = make_thread(saw_off, 0, 100, 0);
    word_t context[2 + 40];
    const word_t read[] = {0, 2};
    check("where a new thread begins", invoke(helper, tcb_read_registers, 2, read, 0, 0), no_error);
    context[0] = 1, context[1] = 2;
    context[2] = boot_info->ipc_buffer[buffer_message], context[3] = boot_info->ipc_buffer[buffer_message + 1];
#if defined(__riscv)
    context[1] = 3; // pc, ra, sp
    const word_t three[] = {0, 3};
    invoke(helper, tcb_read_registers, 2, three, 0, 0);
    context[4] = boot_info->ipc_buffer[buffer_message + 2];
#endif
    delete_cap(helper);
    const word_t words[] = {0, 0, 0};
    const cptr_t roots[] = {cap_cnode, cap_vspace};
    check("its space", invoke(tcb, tcb_set_space, 3, words, 2, roots), no_error);
    share_buffer(tcb);
    step = 0;
    const word_t priority = 100;
    const cptr_t own = cap_tcb;
    invoke(tcb, tcb_set_priority, 1, &priority, 1, &own);
    check("start it", invoke(tcb, tcb_write_registers, (unsigned)(2 + context[1]), context, 0, 0), no_error);
    set_own_priority(50);
    set_own_priority(255);
    check("it revoked its own memory and is no more", step, 1);
    check("its slots are empty", is_empty(tcb) && is_empty(cnode), 1);
    check("the memory is whole", retype(own_memory, object_cap_table, 10, tcb, 1), no_error);
}

int main(void) {
    endpoint = make_object(object_endpoint, 0);
    parking = make_object(object_endpoint, 0);
    chains();
    cycles();
    nest();
    busy_memory();
    spaces();
    own_thread();
    return 0;
}
