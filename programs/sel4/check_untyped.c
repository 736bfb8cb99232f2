// Untyped_Retype: its errors, the watermark, what a revocation gives back.
#include "attempt.h"

enum { untyped_end = 48 }; // log2 of more than the largest untyped memory of any ISA
#if defined(__riscv)
enum { max_untyped = 38 };
#else
enum { max_untyped = 47 };
#endif

static void errors(void) {
    const cptr_t memory = make_object(object_untyped, 16), slot = new_slot(), taken = make_object(object_endpoint, 0);
    const cptr_t small = make_object(object_cap_table, 4), device = given_untyped(1, 12), node = cap_cnode;
    new_slot();
    enum { was_destination = 0, invalid_root = 1, missing = 2, mismatch = 3 };
    ATTEMPT(
        {"no method of untyped memory", memory, tcb_suspend, illegal_operation, WORDS(0)},
        {"five words", memory, untyped_retype, truncated_message, WORDS(object_endpoint, 0, 0, 0, slot), CAPS(node)},
        {"no CNode", memory, untyped_retype, truncated_message, WORDS(object_endpoint, 0, 0, 0, slot, 1)},
        {"no such type", memory, untyped_retype, invalid_argument, WORDS(99, 0, 0, 0, slot, 1), CAPS(node), ANSWER(0)},
        {"a size of 64 bits", memory, untyped_retype, range_error, WORDS(object_untyped, 64, 0, 0, slot, 1), CAPS(node),
         ANSWER(0, max_untyped)},
        {"more than there can be", memory, untyped_retype, range_error,
         WORDS(object_untyped, untyped_end, 0, 0, slot, 1), CAPS(node), ANSWER(0, max_untyped)},
        {"a CNode without slots", memory, untyped_retype, invalid_argument, WORDS(object_cap_table, 0, 0, 0, slot, 1),
         CAPS(node), ANSWER(1)},
        {"untyped memory of 8 bytes", memory, untyped_retype, invalid_argument, WORDS(object_untyped, 3, 0, 0, slot, 1),
         CAPS(node), ANSWER(1)}, );
    ATTEMPT(
        {"into an endpoint", memory, untyped_retype, failed_lookup, WORDS(object_endpoint, 0, 0, 0, slot, 1),
         CAPS(taken), ANSWER(was_destination, missing)},
        {"through an endpoint", memory, untyped_retype, failed_lookup, WORDS(object_endpoint, 0, 1, 64, slot, 1),
         CAPS(taken), ANSWER(was_destination, invalid_root)},
        {"65 bits deep", memory, untyped_retype, range_error, WORDS(object_endpoint, 0, 1, 65, slot, 1), CAPS(node),
         ANSWER(1, 64)},
        {"too few bits", memory, untyped_retype, failed_lookup, WORDS(object_endpoint, 0, 1, 8, slot, 1), CAPS(node),
         ANSWER(was_destination)},
        {"to a slot that is no CNode", memory, untyped_retype, failed_lookup,
         WORDS(object_endpoint, 0, taken, 64, slot, 1), CAPS(node), ANSWER(was_destination, missing)},
        {"behind the CNode's end", memory, untyped_retype, range_error, WORDS(object_endpoint, 0, 0, 0, 16, 1),
         CAPS(small), ANSWER(0, 15)},
        {"no objects", memory, untyped_retype, range_error, WORDS(object_endpoint, 0, 0, 0, slot, 0), CAPS(node),
         ANSWER(1, 256)},
        {"257 objects", memory, untyped_retype, range_error, WORDS(object_endpoint, 0, 0, 0, slot, 257), CAPS(node),
         ANSWER(1, 256)},
        {"over the CNode's end", memory, untyped_retype, range_error, WORDS(object_endpoint, 0, 0, 0, 10, 7),
         CAPS(small), ANSWER(1, 6)},
        {"into a slot that is taken", memory, untyped_retype, delete_first, WORDS(object_endpoint, 0, 0, 0, taken, 1),
         CAPS(node)},
        {"the second slot is taken", memory, untyped_retype, delete_first, WORDS(object_endpoint, 0, 0, 0, slot, 2),
         CAPS(node)}, );
    ATTEMPT(
        {"more than is left", memory, untyped_retype, not_enough_memory, WORDS(object_untyped, 17, 0, 0, slot, 1),
         CAPS(node), ANSWER(1 << 16)},
        {"a thread of device memory", device, untyped_retype, invalid_argument, WORDS(object_tcb, 0, 0, 0, slot, 1),
         CAPS(node), ANSWER(1)},
        {"a CNode in a CNode", memory, untyped_retype, no_error, WORDS(object_cap_table, 4, 0, 0, slot, 1), CAPS(node)},
        {"objects in it, by its address", memory, untyped_retype, no_error, WORDS(object_endpoint, 0, slot, 64, 0, 16),
         CAPS(node)},
        {"all in one go back", cap_cnode, cnode_revoke, no_error, WORDS(memory, 64)},
        {"which frees its slots", memory, untyped_retype, no_error, WORDS(object_endpoint, 0, 0, 0, slot, 1),
         CAPS(node)}, );
}

/// Where a page of this memory is; 0: there is none left.
static word_t page_of(cptr_t memory, cptr_t slot) {
    if (retype(memory, type_page, 0, slot, 1) != no_error)
        return 0;
    invoke(slot, page_address, 0, 0, 0, 0);
    return boot_info->ipc_buffer[buffer_message];
}

static void watermark(void) {
    const cptr_t memory = make_object(object_untyped, 14), pages = new_slot(), small = new_slot();
    for (unsigned i = 0; i < 8; ++i)
        new_slot();
    const word_t start = page_of(memory, pages);
    check("its first page", start != 0 && start % 4096 == 0, 1);
    check("16 bytes behind it", retype(memory, object_endpoint, 0, small, 1), no_error);
    check("the next page is aligned", page_of(memory, pages + 2), start + 8192);
    check("and the last", page_of(memory, pages + 3), start + 12288);
    check("no page more", page_of(memory, pages + 4), 0);
    check("delete the endpoint", delete_cap(small), no_error);
    check("what was deleted alone does not come back", retype(memory, object_endpoint, 0, small, 1), not_enough_memory);
    check("delete a page", delete_cap(pages), no_error);
    check("nor it", page_of(memory, pages), 0);
    check("delete all", delete_cap(pages + 2) | delete_cap(pages + 3), no_error);
    check("then it begins anew", page_of(memory, pages), start);
    check("revoke", revoke_cap(memory), no_error);
    check("and anew", page_of(memory, pages), start);
    check("delete the memory itself", delete_cap(memory), no_error);
    check("its page lives on", invoke(pages, page_address, 0, 0, 0, 0), no_error);
}

/// Untyped memory in untyped memory; copies of it.
static void families(void) {
    const cptr_t outer = make_object(object_untyped, 14), inner = new_slot(), page = new_slot(), copy = new_slot();
    const cptr_t node = cap_cnode;
    check("a half", retype(outer, object_untyped, 13, inner, 1), no_error);
    check("a page of it", retype(inner, type_page, 0, page, 1), no_error);
    ATTEMPT(
        {"memory in use is not copied", cap_cnode, cnode_copy, revoke_first, WORDS(copy, 64, inner, 64, all_rights),
         CAPS(node)},
        {"take the page back", cap_cnode, cnode_revoke, no_error, WORDS(inner, 64)},
        {"now it is", cap_cnode, cnode_copy, no_error, WORDS(copy, 64, inner, 64, all_rights), CAPS(node)},
        {"but it is used up", inner, untyped_retype, not_enough_memory, WORDS(type_page, 0, 0, 0, page, 1), CAPS(node),
         ANSWER(0)},
        {"its copy is not", copy, untyped_retype, no_error, WORDS(type_page, 0, 0, 0, page, 1), CAPS(node)},
        {"the outer one takes all", cap_cnode, cnode_revoke, no_error, WORDS(outer, 64)},
        {"both halves", outer, untyped_retype, no_error, WORDS(object_untyped, 13, 0, 0, inner, 2), CAPS(node)}, );
    check("the slots were free", delete_cap(inner) | delete_cap(inner + 1), no_error);
}

int main(void) {
    errors();
    watermark();
    families();
    return 0;
}
