// Retype, CNode operations, revocation, exhaustion.
#include "sel4.h"

static cptr_t largest_untyped(void) {
    word_t best = 0, bits = 0;
    for (word_t i = 0; i < boot_info->untyped.end - boot_info->untyped.start; ++i) {
        const struct untyped* one = &boot_info->untyped_list[i];
        if (!one->is_device && one->size_bits > bits) {
            bits = one->size_bits;
            best = boot_info->untyped.start + i;
        }
    }
    return best;
}

static void retyping(void) {
    const cptr_t untyped = make_object(object_untyped, 16);
    check("an untyped of 64 KiB", untyped != 0, 1);
    const cptr_t slot = new_slot();
    check("no such type", retype(untyped, 99, 0, slot, 1), invalid_argument);
    check("too many objects", retype(untyped, object_endpoint, 0, slot, 257), range_error);
    check("no objects", retype(untyped, object_endpoint, 0, slot, 0), range_error);
    check("a CNode without slots", retype(untyped, object_cap_table, 0, slot, 1), invalid_argument);
    check("an untyped of 8 bytes", retype(untyped, object_untyped, 3, slot, 1), invalid_argument);
    check("larger than the memory", retype(untyped, object_untyped, 17, slot, 1), not_enough_memory);
    check("an endpoint", retype(untyped, object_endpoint, 0, slot, 1), no_error);
    check("its slot is taken", retype(untyped, object_endpoint, 0, slot, 1), delete_first);
    const cptr_t many = slot + 1;
    for (unsigned i = 0; i < 40; ++i)
        new_slot();
    check("31 TCBs fill it", retype(untyped, object_tcb, 0, many, 31), no_error);
    check("it is full", retype(untyped, object_tcb, 0, many + 31, 1), not_enough_memory);
    check("revoke", revoke_cap(untyped), no_error);
    check("all of it is free again", retype(untyped, object_tcb, 0, many, 32), no_error);
    check("revoke again", revoke_cap(untyped), no_error);
    check("its slots are empty", delete_cap(many), no_error);
    check("delete", delete_cap(untyped), no_error);
}

static void copies(void) {
    const cptr_t endpoint = make_object(object_endpoint, 0);
    const cptr_t badged = mint(endpoint, all_rights, 7);
    check("a badged copy", badged != 0, 1);
    check("a badge is not badged again", mint(badged, all_rights, 8), 0);
    const cptr_t copy = mint(badged, right_read, 0);
    check("a copy of it", copy != 0, 1);
    struct registers r = {copy, 0, {0}};
    trap(sys_call, &r);
    check("a copy that may not send", r.info >> 12, invalid_capability);
    check("revoke the badged one", revoke_cap(badged), no_error);
    r = (struct registers){copy, 0, {0}};
    trap(sys_call, &r);
    check("the copy is gone", r.info >> 12, invalid_capability);
    const word_t move[] = {copy, 64, badged, 64};
    const cptr_t caps[] = {cap_cnode};
    check("move", invoke(cap_cnode, cnode_move, 4, move, 1, caps), no_error);
    check("moved away", invoke(cap_cnode, cnode_move, 4, move, 1, caps), delete_first);
    check("delete the last", delete_cap(endpoint), no_error);
}

static void large_cnode(void) {
    const cptr_t node = make_object(object_cap_table, 17);
    check("a CNode of 2^17 slots", node != 0, 1);
    // The node holds itself, which makes its end a cycle.
    const word_t inside[] = {5, 17, node, 64, all_rights};
    const cptr_t caps[] = {cap_cnode};
    check("a capability to itself", invoke(node, cnode_copy, 5, inside, 1, caps), no_error);
    check("delete the outer one", delete_cap(node), no_error);
    const cptr_t again = make_object(object_cap_table, 17);
    check("delete an empty one", delete_cap(again), no_error);
}

static void exhaustion(void) {
    const cptr_t untyped = largest_untyped();
    const cptr_t slot = new_slot();
    unsigned made = 0;
    while (made < 8 && retype(untyped, object_untyped, 12, slot + made, 1) == no_error)
        ++made;
    check("small pieces of a large one", made != 0, 1);
    check("revoke them", revoke_cap(untyped), no_error);
}

int main(void) {
    retyping();
    copies();
    large_cnode();
    exhaustion();
    return 0;
}
