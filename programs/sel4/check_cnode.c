// CNode invocations: each with its errors; badges, guards, deep CSpaces.
#include "attempt.h"

enum { is_destination = 0, is_source = 1 };
enum { invalid_root = 1, missing = 2, depth_mismatch = 3, guard_mismatch = 4 };

static cptr_t endpoint, taken, badged, spare;
static const cptr_t node = cap_cnode;

static void common_errors(void) {
    ATTEMPT(
        {"no method of a CNode", cap_cnode, tcb_suspend, illegal_operation, WORDS(spare, 64)},
        {"one word", cap_cnode, cnode_delete, truncated_message, WORDS(spare)},
        {"no bits", cap_cnode, cnode_delete, range_error, WORDS(spare, 0), ANSWER(1, 64)},
        {"65 bits", cap_cnode, cnode_revoke, range_error, WORDS(spare, 65), ANSWER(1, 64)},
        {"one word", cap_cnode, cnode_revoke, truncated_message, WORDS(spare)},
        {"too few bits for the guard", cap_cnode, cnode_delete, failed_lookup, WORDS(spare, 8),
         ANSWER(is_destination, guard_mismatch, 8)},
        {"another guard", cap_cnode, cnode_revoke, failed_lookup, WORDS(1ul << 63 | spare, 64),
         ANSWER(is_destination, guard_mismatch, 64, 0)},
        {"delete nothing", cap_cnode, cnode_delete, no_error, WORDS(spare, 64)},
        {"revoke nothing", cap_cnode, cnode_revoke, no_error, WORDS(spare, 64)}, );
}

#define COPY_ERRORS(label, good)                                                                                       \
    ATTEMPT(                                                                                                           \
        {"three words", cap_cnode, label, truncated_message, WORDS(spare, 64, endpoint), CAPS(node)},                  \
        {"no source", cap_cnode, label, truncated_message, WORDS(spare, 64, endpoint, 64, good, 0)},                   \
        {"a destination that is taken", cap_cnode, label, delete_first, WORDS(taken, 64, endpoint, 64, good, 0),       \
         CAPS(node)},                                                                                                  \
        {"no bits of source", cap_cnode, label, range_error, WORDS(spare, 64, endpoint, 0, good, 0), CAPS(node),       \
         ANSWER(1, 64)},                                                                                               \
        {"a source that is no CNode", cap_cnode, label, failed_lookup, WORDS(spare, 64, endpoint, 64, good, 0),        \
         CAPS(taken), ANSWER(is_source, invalid_root)},                                                                \
        {"nothing there", cap_cnode, label, failed_lookup, WORDS(spare, 64, spare + 1, 64, good, 0), CAPS(node),       \
         ANSWER(is_source, missing, 64)},                                                                              \
        {"a depth that ends before the slot", cap_cnode, label, failed_lookup,                                         \
         WORDS(spare, 64, endpoint, 63, good, 0), CAPS(node), ANSWER(is_source)}, )

static void copies(void) {
    COPY_ERRORS(cnode_copy, all_rights);
    COPY_ERRORS(cnode_mint, all_rights);
    COPY_ERRORS(cnode_move, 0);
    COPY_ERRORS(cnode_mutate, 0);
    ATTEMPT(
        {"no rights", cap_cnode, cnode_copy, truncated_message, WORDS(spare, 64, endpoint, 64), CAPS(node)},
        {"no badge", cap_cnode, cnode_mint, truncated_message, WORDS(spare, 64, endpoint, 64, all_rights), CAPS(node)},
        {"no data", cap_cnode, cnode_mutate, truncated_message, WORDS(spare, 64, endpoint, 64), CAPS(node)},
        {"what controls interrupts", cap_cnode, cnode_copy, illegal_operation,
         WORDS(spare, 64, cap_irq_control, 64, all_rights), CAPS(node)},
        {"a badge on a badge", cap_cnode, cnode_mint, illegal_operation, WORDS(spare, 64, badged, 64, all_rights, 8),
         CAPS(node)},
        {"a badge by Mutate", cap_cnode, cnode_mutate, illegal_operation, WORDS(spare, 64, endpoint, 64, 8),
         CAPS(node)},
        {"a guard that is too long", cap_cnode, cnode_mint, illegal_operation,
         WORDS(spare, 64, cap_cnode, 64, all_rights, 60), CAPS(node)},
        {"a copy", cap_cnode, cnode_copy, no_error, WORDS(spare, 64, endpoint, 64, all_rights), CAPS(node)},
        {"it is moved", cap_cnode, cnode_move, no_error, WORDS(spare + 1, 64, spare, 64), CAPS(node)},
        {"its place is empty", cap_cnode, cnode_move, failed_lookup, WORDS(spare + 2, 64, spare, 64), CAPS(node),
         ANSWER(is_source, missing, 64)},
        {"delete it", cap_cnode, cnode_delete, no_error, WORDS(spare + 1, 64)},
        {"a badge", cap_cnode, cnode_mint, no_error, WORDS(spare, 64, endpoint, 64, all_rights, 8), CAPS(node)},
        {"a copy of it keeps the badge", cap_cnode, cnode_copy, no_error, WORDS(spare + 1, 64, spare, 64, all_rights),
         CAPS(node)},
        {"delete both", cap_cnode, cnode_revoke, no_error, WORDS(spare, 64)},
        {"the copy went first", cap_cnode, cnode_move, failed_lookup, WORDS(spare + 2, 64, spare + 1, 64), CAPS(node),
         ANSWER(is_source, missing, 64)},
        {"delete the badge", cap_cnode, cnode_delete, no_error, WORDS(spare, 64)}, );
}

// destination, its depth, pivot's new data, pivot, its depth, source's new data, source, its depth
static void rotation(void) {
    const cptr_t a = mint(endpoint, all_rights, 100), b = mint(endpoint, all_rights, 200);
    const cptr_t caps = cap_cnode;
    ATTEMPT(
        {"seven words", cap_cnode, cnode_rotate, truncated_message, WORDS(spare, 64, 0, a, 64, 0, b), CAPS(node, caps)},
        {"one CNode", cap_cnode, cnode_rotate, truncated_message, WORDS(spare, 64, 0, a, 64, 0, b, 64), CAPS(node)},
        {"source and pivot are one", cap_cnode, cnode_rotate, illegal_operation, WORDS(spare, 64, 0, a, 64, 0, a, 64),
         CAPS(node, caps)},
        {"destination and pivot are one", cap_cnode, cnode_rotate, illegal_operation, WORDS(a, 64, 0, a, 64, 0, b, 64),
         CAPS(node, caps)},
        {"the destination is taken", cap_cnode, cnode_rotate, delete_first, WORDS(taken, 64, 0, a, 64, 0, b, 64),
         CAPS(node, caps)},
        {"no source", cap_cnode, cnode_rotate, failed_lookup, WORDS(spare, 64, 0, a, 64, 0, spare + 1, 64),
         CAPS(node, caps), ANSWER(is_source, missing, 64)},
        {"no pivot", cap_cnode, cnode_rotate, failed_lookup, WORDS(spare, 64, 0, spare + 1, 64, 0, b, 64),
         CAPS(node, caps), ANSWER(is_destination, missing, 64)},
        {"the source's bits", cap_cnode, cnode_rotate, range_error, WORDS(spare, 64, 0, a, 64, 0, b, 0),
         CAPS(node, caps), ANSWER(1, 64)},
        {"the pivot's bits", cap_cnode, cnode_rotate, range_error, WORDS(spare, 64, 0, a, 65, 0, b, 64),
         CAPS(node, caps), ANSWER(1, 64)},
        {"no rotation with badges", cap_cnode, cnode_rotate, illegal_operation, WORDS(spare, 64, 0, a, 64, 0, b, 64),
         CAPS(node, caps)}, );
    // CNodes may change their guards, so they can be rotated.
    const cptr_t one = make_object(object_cap_table, 1), two = make_object(object_cap_table, 2);
    ATTEMPT(
        {"pivot to destination, source to pivot", cap_cnode, cnode_rotate, no_error,
         WORDS(spare, 64, 0, one, 64, 0, two, 64), CAPS(node, caps)},
        {"the source is empty", cap_cnode, cnode_rotate, failed_lookup, WORDS(two, 64, 0, one, 64, 0, two, 64),
         CAPS(node, caps), ANSWER(is_source, missing, 64)},
        {"two places exchanged", cap_cnode, cnode_rotate, no_error, WORDS(spare, 64, 0, one, 64, 0, spare, 64),
         CAPS(node, caps)},
        {"the smaller one is where the pivot was", one, cnode_delete, no_error, WORDS(1, 1)},
        {"the larger one is at the other place", spare, cnode_delete, no_error, WORDS(3, 2)},
        {"a guard of four bits", cap_cnode, cnode_mutate, no_error, WORDS(spare + 1, 64, spare, 64, 5 << 6 | 4),
         CAPS(node)},
        {"it is asked for", spare + 1, cnode_delete, failed_lookup, WORDS(3, 6),
         ANSWER(is_destination, guard_mismatch)},
        {"with it", spare + 1, cnode_delete, no_error, WORDS(5 << 2 | 3, 6)},
        {"a longer one than an address", cap_cnode, cnode_mutate, illegal_operation,
         WORDS(spare, 64, spare + 1, 64, 63), CAPS(node)},
        {"delete", cap_cnode, cnode_delete, no_error, WORDS(spare + 1, 64)}, );
}

static void cancelling(void) {
    const cptr_t weak = mint(badged, right_write, 0), notification = make_object(object_notification, 0);
    ATTEMPT(
        {"of an empty slot", cap_cnode, cnode_cancel_badged_sends, illegal_operation, WORDS(spare, 64)},
        {"of a notification", cap_cnode, cnode_cancel_badged_sends, illegal_operation, WORDS(notification, 64)},
        {"without all rights", cap_cnode, cnode_cancel_badged_sends, illegal_operation, WORDS(weak, 64)},
        {"without a badge: nobody", cap_cnode, cnode_cancel_badged_sends, no_error, WORDS(endpoint, 64)},
        {"of one badge", cap_cnode, cnode_cancel_badged_sends, no_error, WORDS(badged, 64)},
        {"one word", cap_cnode, cnode_cancel_badged_sends, truncated_message, WORDS(badged)},
        {"no bits", cap_cnode, cnode_cancel_badged_sends, range_error, WORDS(badged, 0), ANSWER(1, 64)},
        {"save a caller over something", cap_cnode, cnode_save_caller, delete_first, WORDS(taken, 64)},
        {"one word", cap_cnode, cnode_save_caller, truncated_message, WORDS(spare)},
        {"save where nobody called", cap_cnode, cnode_save_caller, no_error, WORDS(spare, 64)}, );
}

/// A chain of CNodes: two bits each, with a guard; the address is written bit by bit.
static void deep(void) {
    enum { levels = 12, guard_bits = 3, guard = 5, level_bits = guard_bits + 2 };
    cptr_t chain[levels];
    for (unsigned i = 0; i < levels; ++i)
        chain[i] = make_object(object_cap_table, 2);
    word_t address = 0;
    for (unsigned i = 0; i + 1 < levels; ++i) {
        const word_t put[] = {2, 2, chain[i + 1], 64, all_rights, guard << 6 | guard_bits};
        check("a CNode in the one before", invoke(chain[i], cnode_mint, 6, put, 1, &node), no_error);
        address = address << (i == 0 ? 2 : level_bits) | (i == 0 ? 0 : guard << 2) | 2;
    }
    address = address << level_bits | guard << 2 | 1;
    enum { depth = 2 + (levels - 1) * level_bits };
    ATTEMPT(
        {"at the bottom", chain[0], cnode_copy, no_error, WORDS(address, depth, endpoint, 64, all_rights), CAPS(node)},
        {"it is there", chain[0], cnode_copy, delete_first, WORDS(address, depth, endpoint, 64, all_rights),
         CAPS(node)},
        {"it is the last one's", chain[levels - 1], cnode_move, no_error, WORDS(0, 2, 1, 2), CAPS(chain[levels - 1])},
        {"a bit too many", chain[0], cnode_delete, failed_lookup, WORDS(address << 1, depth + 1),
         ANSWER(is_destination, depth_mismatch, 1, 0)},
        {"another guard on the way", chain[0], cnode_delete, failed_lookup,
         WORDS(address ^ 1ul << (level_bits + 2), depth),
         ANSWER(is_destination, guard_mismatch, 2 * level_bits, guard)},
        {"it ends within a level", chain[0], cnode_delete, failed_lookup, WORDS(address >> 1, depth - 1),
         ANSWER(is_destination)}, );
    check("delete the uppermost", delete_cap(chain[0]), no_error);
    check("the next one was not its own", delete_cap(chain[1]), no_error);
}

int main(void) {
    endpoint = make_object(object_endpoint, 0);
    taken = make_object(object_endpoint, 0);
    badged = mint(endpoint, all_rights, 7);
    spare = new_slot();
    for (unsigned i = 0; i < 4; ++i)
        new_slot();
    common_errors();
    copies();
    rotation();
    cancelling();
    deep();
    return 0;
}
