// A hostile root task: random invocations with random arguments on objects of every kind. Prints
// how many calls it made; what it must not do is harm the kernel or others. What it makes is its toy; what it runs
// on itself is kept out of its reach, since a task that stops itself tries nothing more.
#include "sel4.h"

#ifndef ROUNDS
#define ROUNDS 20
#endif
#ifndef SEED
#define SEED 12345
#endif
#ifdef SEL4_SMP // the initial thread's own calls; it shares the machine
#define LINE 2500
#else
#define LINE 50000
#endif
enum { objects = 48, calls_per_line = LINE, calls_per_life = 10000, first_seed = SEED };

static word_t state = first_seed;
static word_t next(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}
static word_t below(word_t limit) {
    return next() % limit;
}

// It plays with the slots from here, 2 * objects; what it lives on is below, and none of these calls copies or maps
// that.
static cptr_t first;
static cptr_t mailbox; // an endpoint; behind the slots it plays with, so that it may be received from at any time

// Mostly what means something, now and then anything.
static word_t argument(void) {
    static const word_t interesting[] = {0,  1,  2,      3,         12,         14,   17,        63,
                                         64, 65, 0x1000, 0x1000000, 0x40000000, ~0ul, 1ul << 47, 1ul << 63};
    switch (below(5)) {
    case 0:
        return interesting[below(sizeof(interesting) / sizeof(*interesting))];
    case 1:
        return next();
    case 2:
        return 64;
    case 3:
        return below(16);
    default:
        return first + below(2 * objects);
    }
}

static cptr_t some_cap(void) {
    static const cptr_t given[] = {cap_irq_control, cap_asid_control, cap_asid_pool, cap_domain};
    return below(8) == 0 ? given[below(4)] : first + below(2 * objects);
}

static cptr_t first_memory; // untyped: what is before it is not taken back
static void make(word_t kind, word_t bits, cptr_t slot) {
    for (word_t u = first_memory; u < boot_info->untyped.end; ++u)
        if (retype(u, kind, bits, slot, 1) == no_error)
            break;
}

static void make_some(void) {
    const word_t kinds[] = {
        object_untyped, object_tcb, object_endpoint, object_notification, object_cap_table, 5, 6, 7, 8, 9, 10, 11};
    for (unsigned i = 0; i < objects; ++i) {
        const word_t kind = kinds[i % 12];
        make(kind, kind == object_untyped ? 16 : kind == object_cap_table ? 4 : 0, first + i);
    }
    const word_t words[] = {first + objects + below(objects), 64, mailbox, 64, all_rights};
    const cptr_t caps[] = {cap_cnode};
    invoke(cap_cnode, cnode_copy, 5, words, 1, caps);
}

// All memory is given back, whatever holds it.
static void end_life(void) {
    for (word_t u = first_memory; u < boot_info->untyped.end; ++u)
        revoke_cap(u);
    for (unsigned i = 0; i < 2 * objects; ++i)
        delete_cap(first + i);
    make(object_endpoint, 0, mailbox);
}

// The threads that were made are as good as this one for a while: they run, and fault.
static void let_others_run(void) {
    const cptr_t authority[] = {cap_tcb};
    const word_t low[] = {0}, high[] = {255};
    invoke(cap_tcb, tcb_set_priority, 1, low, 1, authority);
    for (unsigned i = 0; i < 4; ++i) {
        struct registers r = {0};
        trap(sys_yield, &r);
        r.cap = mailbox;
        trap(sys_nb_recv, &r);
        if (below(2)) {
            r.info = message_info(below(2), 0, below(5));
            trap(sys_reply, &r);
        }
    }
    invoke(cap_tcb, tcb_set_priority, 1, high, 1, authority);
}

// What a call is made of.
struct call {
    cptr_t target;
    word_t label, length, extra;
    word_t words[10];
    cptr_t caps[3];
};

// DebugCapIdentify's numbers of some types.
enum cap_type { type_untyped = 2, type_endpoint = 4, type_cnode = 10, type_thread = 12 };
static word_t type_of(cptr_t slot) {
    struct registers r = {.cap = slot};
    trap(sys_debug_cap_identify, &r);
    return r.cap;
}

// Most of what is wholly random ends at the first check. This gets further: a method that the object has, with
// arguments that may be right.
static void make_plausible(struct call* call, word_t type) {
    enum { node_bits = 4 };
    call->length = 10;
    call->extra = 3;
    call->caps[0] = below(2) ? cap_cnode : call->caps[0];
    switch (type) {
    case type_untyped:
        call->label = untyped_retype;
        call->words[0] = below(16);
        call->words[1] = below(4) ? below(16) : call->words[1];
        call->words[2] = call->words[3] = 0;
        call->words[4] = first + below(2 * objects);
        call->words[5] = 1 + below(4);
        return;
    case type_cnode:
        call->label = cnode_revoke + below(cnode_save_caller - cnode_revoke + 1);
        call->caps[1] = call->caps[0];
        const word_t depth = call->caps[0] == cap_cnode ? 64 : node_bits;
        call->words[0] = call->target == cap_cnode ? first + below(2 * objects) : below(16);
        call->words[1] = call->target == cap_cnode ? 64 : node_bits;
        for (unsigned w = 2; w < 8; w += 2)
            call->words[w] = depth == 64 ? first + below(2 * objects) : below(16);
        call->words[3] = depth;
        if (call->label == cnode_rotate) {
            call->words[3] = call->words[2];
            call->words[2] = call->words[5] = 0;
            call->words[4] = call->words[7] = depth;
        }
        return;
    case type_thread:
        call->label = tcb_read_registers + below(tcb_set_flags - tcb_read_registers + 1);
        call->words[1] = below(8); // registers
        if (call->label == tcb_configure || call->label == tcb_set_space) {
            call->caps[1] = below(4) ? cap_vspace : call->caps[1];
            call->words[1] = call->words[2] = call->words[3] = 0; // no guards, no buffer
        }
        if (below(2))
            call->words[0] = first + below(2 * objects); // a fault handler
        return;
    default:
        call->label = cnode_save_caller + 1 + below(30);
        call->caps[0] = below(2) ? cap_vspace : call->caps[0];
        if (below(2))
            call->words[0] = (2 + below(16)) << (below(2) ? 21 : 30) | below(4) << 12;
    }
}

// Its own CSpace and memory stay whole: without them there would be nothing left to try.
static void spare_itself(struct call* call) {
    word_t* const words = call->words;
    if (call->target == cap_cnode) {
        words[1] = 64;
        if (words[0] < first)
            words[0] = first + below(2 * objects);
    }
    if (call->label < cnode_copy || call->label > cnode_rotate)
        return;
    const unsigned sources[] = {2, 3, 6}; // perhaps indices in the root CNode
    const int rotates = call->label == cnode_rotate;
    for (unsigned i = rotates ? 1 : 0; i < (rotates ? 3 : 1); ++i)
        if (words[sources[i]] < first && call->caps[i / 2] == cap_cnode)
            words[sources[i]] = first + below(2 * objects);
}

static void call_something(word_t* buffer) {
    struct call call;
    call.label = below(55);
    call.length = below(11);
    call.extra = below(4);
    for (unsigned w = 0; w < 10; ++w)
        call.words[w] = argument();
    for (unsigned c = 0; c < 3; ++c)
        call.caps[c] = below(4) == 0 ? (below(2) ? cap_cnode : cap_vspace) : some_cap();
    call.target = below(12) == 0 ? cap_cnode : some_cap();
    const word_t type = type_of(call.target);
    if (below(4) != 0)
        make_plausible(&call, type);
    spare_itself(&call);

    for (unsigned w = 4; w < 10; ++w)
        buffer[buffer_message + w] = call.words[w];
    for (unsigned c = 0; c < 3; ++c)
        buffer[buffer_caps + c] = call.caps[c];
    struct registers r = {
        call.target,
        message_info(call.label, call.extra, call.length),
        {call.words[0], call.words[1], call.words[2], call.words[3]}};
    // Nobody would answer: no call waits.
    trap(below(2) && type != type_endpoint ? sys_call : sys_nb_send, &r);
}

enum { keepers = 16 }; // slots of what it lives on
static volatile word_t calls_elsewhere[8];

#ifdef SEL4_SMP
enum { cores = 8, page = 4096 };
static _Alignas(page) word_t buffers[cores][page / sizeof(word_t)];

// On every other core somebody does the same with the same things. The one on the last core only changes what the
// kernel is reading in the others' buffers, to what they might have written themselves.
static void accomplice(word_t core) {
    for (;;) {
        call_something(buffers[core]);
        ++calls_elsewhere[core];
    }
}
static void scribbler(word_t last) {
    for (;;) {
        word_t* const buffer = last > 1 && below(2) ? buffers[1 + below(last - 1)] : boot_info->ipc_buffer;
        ((volatile word_t*)buffer)[buffer_message + 4 + below(6)] = first + below(2 * objects);
        ((volatile word_t*)buffer)[buffer_caps + below(3)] = first + below(2 * objects);
    }
}

static void start_accomplices(void) {
    enum { large_enough = 14 };
    extern char __executable_start[];
    const word_t last = (boot_info->nodes < cores ? boot_info->nodes : cores) - 1;
    for (word_t core = 1; core <= last; ++core) {
        const word_t address = (word_t)buffers[core];
        const cptr_t buffer = boot_info->image.start + (address - (word_t)__executable_start) / page;
        const cptr_t thread = make_thread(core == last ? scribbler : accomplice, core, 0, 0);
        invoke(thread, tcb_set_affinity, 1, &core, 0, 0);
        check("a buffer of its own", invoke(thread, tcb_set_ipc_buffer, 1, &address, 1, &buffer), no_error);
        const word_t high = 255;
        const cptr_t authority = cap_tcb;
        invoke(thread, tcb_set_priority, 1, &high, 1, &authority);
    }
    // Their memory is the first that was large enough.
    while (boot_info->untyped_list[first_memory - boot_info->untyped.start].is_device
           || boot_info->untyped_list[first_memory - boot_info->untyped.start].size_bits < large_enough)
        ++first_memory;
    ++first_memory;
}
#else
static void start_accomplices(void) {}
#endif

static word_t all_calls(word_t own) {
    for (unsigned i = 0; i < 8; ++i)
        own += calls_elsewhere[i];
    return own;
}

int main(void) {
    first_memory = boot_info->untyped.start;
    first = boot_info->empty.start + keepers;
    start_accomplices();
    mailbox = first + 2 * objects;
    for (word_t round = 0; round < ROUNDS; ++round) {
        for (word_t i = 0; i < calls_per_line; ++i) {
            if (i % calls_per_life == 0)
                end_life();
            if (i % 250 == 0)
                make_some();
            if (i % 100 == 0)
                let_others_run();
            call_something(boot_info->ipc_buffer);
        }
        struct registers state_check = {0};
        trap(sys_debug_snapshot, &state_check); // this kernel's answer: broken invariants
        if (state_check.cap != 0)
            check("the kernel's invariants", state_check.cap, 0);
        print("ok calls ");
        print_number(all_calls((round + 1) * calls_per_line));
        print("\n");
    }
    return 0;
}
