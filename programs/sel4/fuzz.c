// A hostile root task: random invocations with random arguments on objects of every kind. Prints what it started with
// and how many calls it made; what it must not do is harm the kernel or others.
#include "sel4.h"

#ifndef ROUNDS
#define ROUNDS 20
#endif
enum { objects = 48, calls_per_line = 50000, first_seed = 12345 };

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

static cptr_t first;

// Mostly what means something, now and then anything.
static word_t argument(void) {
    static const word_t interesting[] = {0,  1,  2,      3,        12,         14,   17,        63,
                                         64, 65, 0x1000, 0x200000, 0x40000000, ~0ul, 1ul << 47, 1ul << 63};
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

static void make_some(void) {
    const word_t kinds[] = {
        object_untyped, object_tcb, object_endpoint, object_notification, object_cap_table, 5, 6, 7, 8, 9, 10, 11};
    for (unsigned i = 0; i < objects; ++i) {
        const word_t kind = kinds[i % 12];
        const word_t bits = kind == object_untyped ? 16 : kind == object_cap_table ? 4 : 0;
        const word_t words[] = {kind, bits, 0, 0, first + i, 1};
        const cptr_t caps[] = {cap_cnode};
        for (word_t u = boot_info->untyped.start; u < boot_info->untyped.end; ++u)
            if (invoke(u, untyped_retype, 6, words, 1, caps) == no_error)
                break;
    }
}

int main(void) {
    first = boot_info->empty.start;
    for (word_t round = 0; round < ROUNDS; ++round) {
        for (word_t i = 0; i < calls_per_line; ++i) {
            if (i % 1000 == 0)
                make_some();
            word_t words[10];
            cptr_t caps[3];
            for (unsigned w = 0; w < 10; ++w)
                words[w] = argument();
            for (unsigned c = 0; c < 3; ++c)
                caps[c] = below(4) == 0 ? (below(2) ? cap_cnode : cap_vspace) : some_cap();
            const cptr_t target = below(12) == 0 ? cap_cnode : some_cap();
            const word_t label = below(55);
            // Its own CSpace stays whole: without it there would be nothing left to try.
            if (target == cap_cnode && words[0] < first)
                words[0] = first + below(2 * objects);
            if (target == cap_cnode && (label == cnode_move || label == cnode_mutate || label == cnode_rotate)
                && words[2] < first)
                words[2] = first + below(2 * objects);
            words[1] = below(2) ? 64 : words[1];
            if (target == cap_cnode)
                words[1] = 64;
            // Endpoints and the like would keep it waiting: no call waits.
            word_t* const buffer = boot_info->ipc_buffer;
            const unsigned extra = (unsigned)below(4);
            for (unsigned w = 4; w < 10; ++w)
                buffer[buffer_message + w] = words[w];
            for (unsigned c = 0; c < extra; ++c)
                buffer[buffer_caps + c] = caps[c];
            struct registers r = {
                target, message_info(label, extra, below(11)), {words[0], words[1], words[2], words[3]}};
            trap(sys_nb_send, &r);
        }
        struct registers state_check = {0};
        trap(sys_debug_snapshot, &state_check); // this kernel's answer: broken invariants
        if (state_check.cap != 0)
            check("the kernel's invariants", state_check.cap, 0);
        print("ok calls ");
        print_number((round + 1) * calls_per_line);
        print("\n");
    }
    return 0;
}
