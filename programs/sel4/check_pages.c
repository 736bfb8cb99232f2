// Frames, page tables, roots and ASIDs: each method with its errors.
#include "attempt.h"

#if defined(__aarch64__)
enum { vspace_first = first_of_isa, smc_call = vspace_first + 4, page_maintenance = page_unmap + 1 };
enum { maps_over = 1, over_table = failed_lookup };
static const word_t place = 0x10000000000;
#elif defined(__riscv)
enum { maps_over = 0, over_table = failed_lookup };
static const word_t place = 0x2000000000;
#else
enum { maps_over = 1, over_table = delete_first };
enum { pdpt_unmap = pdpt_map + 1, directory_unmap = directory_map + 1, table_unmap = table_map + 1 };
static const word_t place = 0x10000000000;
#endif
enum { missing = 2, page = 4096, large = 1 << 21, type_large = type_page + 1 };

static const cptr_t node = cap_cnode, space = cap_vspace;
static cptr_t endpoint;
static const word_t both = right_read | right_write;

static void frame_errors(void) {
    const cptr_t frame = make_object(type_page, 0), other = make_object(type_page, 0), bare = make_object(type_root, 0);
    const cptr_t root = make_object(type_root, 0), huge_hole = make_object(type_large, 0), copy = new_slot();
    ATTEMPT(
        {"no method of a frame", frame, tcb_suspend, illegal_operation, WORDS(0)},
        {"two words", frame, page_map, truncated_message, WORDS(place, both), CAPS(space)},
        {"no VSpace", frame, page_map, truncated_message, WORDS(place, both, attribute_plain)},
        {"an endpoint", frame, page_map, invalid_capability, WORDS(place, both, attribute_plain), CAPS(endpoint),
         ANSWER(1)},
        {"a root without ASID", frame, page_map, invalid_capability, WORDS(place, both, attribute_plain), CAPS(bare),
         ANSWER(1)},
        {"not aligned", frame, page_map, alignment_error, WORDS(place + 8, both, attribute_plain), CAPS(space)},
        {"in the kernel's half", frame, page_map, invalid_argument, WORDS(~0xffful, both, attribute_plain), CAPS(space),
         ANSWER(0)},
        {"no tables", frame, page_map, failed_lookup, WORDS(place, both, attribute_plain), CAPS(space),
         ANSWER(0, missing)},
        {"it is not mapped: unmap", frame, page_unmap, no_error, WORDS(0)},
        {"its address", frame, page_address, no_error, WORDS(0)},
        {"a large page that is not aligned", huge_hole, page_map, alignment_error,
         WORDS(place + page, both, attribute_plain), CAPS(space)}, );
    check("map it with tables", map_page(frame, place, both, attribute_plain), no_error);
    ATTEMPT({"a root gets an ASID", cap_asid_pool, assign, no_error, CAPS(root)}, );
    ATTEMPT(
        {"again, with less", frame, page_map, no_error, WORDS(place, right_read, attribute_plain), CAPS(space)},
        {"in another VSpace", frame, page_map, invalid_capability, WORDS(place, both, attribute_plain), CAPS(root),
         ANSWER(1)},
        {"at another address", frame, page_map, invalid_argument, WORDS(place + page, both, attribute_plain),
         CAPS(space), ANSWER(0)},
        {"another frame over it", other, page_map, maps_over ? no_error : delete_first,
         WORDS(place, both, attribute_plain), CAPS(space)},
        {"a large page over the table", huge_hole, page_map, over_table,
         WORDS(place & ~(word_t)(large - 1), both, attribute_plain), CAPS(space)},
        {"a copy", cap_cnode, cnode_copy, no_error, WORDS(copy, 64, frame, 64, all_rights), CAPS(node)},
        {"it is not mapped", copy, page_map, no_error, WORDS(place + page, both, attribute_plain), CAPS(space)},
        {"unmap it", copy, page_unmap, no_error, WORDS(0)},
        {"and map it elsewhere", copy, page_map, no_error, WORDS(place + 2 * page, both, attribute_plain), CAPS(space)},
        {"unmap the first", frame, page_unmap, no_error, WORDS(0)},
        {"and the other", other, page_unmap, no_error, WORDS(0)}, );
    check("a large page beside", map_page(huge_hole, place + large, both, attribute_plain), no_error);
    ATTEMPT(
        {"a small page in it", other, page_map, failed_lookup, WORDS(place + large, both, attribute_plain), CAPS(space),
         ANSWER(0, missing, 21)},
        {"unmap it", huge_hole, page_unmap, no_error, WORDS(0)}, );
    *(volatile word_t*)(place + 2 * page) = 1;
    check("delete what is mapped", delete_cap(copy), no_error);
    check("delete the root", delete_cap(root), no_error);
}

/// The rights in a capability bound those of a mapping.
static void frame_rights(void) {
    const cptr_t frame = make_object(type_page, 0);
    check("read and write", map_page(frame, place, both, attribute_plain), no_error);
    *(volatile word_t*)place = 4711;
    for (word_t r = 0; r < 4; ++r) {
        const cptr_t weak = mint(frame, r, 0);
        check("map a weaker copy", map_page(weak, place + page * (1 + r), both, attribute_plain), no_error);
        check("and delete it", delete_cap(weak), no_error);
    }
    ATTEMPT({"unmap", frame, page_unmap, no_error, WORDS(0)}, );
}

static void table_errors(void) {
    const word_t far = place + ((word_t)1 << 34);
    const cptr_t table = make_object(type_table, 0), copy = new_slot(), second = make_object(type_table, 0);
    const cptr_t bare = make_object(type_root, 0), frame = make_object(type_page, 0);
    ATTEMPT(
        {"no method of a table", table, tcb_suspend, illegal_operation, WORDS(0)},
        {"one word", table, table_map, truncated_message, WORDS(far), CAPS(space)},
        {"no VSpace", table, table_map, truncated_message, WORDS(far, attribute_plain)},
        {"an endpoint", table, table_map, invalid_capability, WORDS(far, attribute_plain), CAPS(endpoint), ANSWER(1)},
        {"a root without ASID", table, table_map, invalid_capability, WORDS(far, attribute_plain), CAPS(bare),
         ANSWER(1)},
        {"in the kernel's half", table, table_map, invalid_argument, WORDS(~0xffful, attribute_plain), CAPS(space),
         ANSWER(0)},
        {"a copy of what is not mapped", cap_cnode, cnode_copy, illegal_operation,
         WORDS(copy, 64, table, 64, all_rights), CAPS(node)},
        {"unmap what is not mapped", table, table_unmap, no_error, WORDS(0)}, );
    check("a page there", map_page(frame, far, both, attribute_plain), no_error);
#if defined(__x86_64__)
    const cptr_t pdpt = make_object(type_pdpt, 0), directory = make_object(type_directory, 0);
    const word_t elsewhere = far + ((word_t)1 << 40);
    ATTEMPT(
        {"a table without a directory", table, table_map, failed_lookup, WORDS(elsewhere, 0), CAPS(space),
         ANSWER(0, missing, 39)},
        {"a directory without a PDPT", directory, directory_map, failed_lookup, WORDS(elsewhere, 0), CAPS(space),
         ANSWER(0, missing, 39)},
        {"one word", directory, directory_map, truncated_message, WORDS(elsewhere), CAPS(space)},
        {"a directory in an endpoint", directory, directory_map, invalid_capability, WORDS(elsewhere, 0),
         CAPS(endpoint), ANSWER(1)},
        {"in the kernel's half", directory, directory_map, invalid_argument, WORDS(~0xffful, 0), CAPS(space),
         ANSWER(0)},
        {"one word", pdpt, pdpt_map, truncated_message, WORDS(elsewhere), CAPS(space)},
        {"a PDPT in an endpoint", pdpt, pdpt_map, invalid_capability, WORDS(elsewhere, 0), CAPS(endpoint), ANSWER(1)},
        {"in the kernel's half", pdpt, pdpt_map, invalid_argument, WORDS(~0xffful, 0), CAPS(space), ANSWER(0)},
        {"a PDPT over another", pdpt, pdpt_map, delete_first, WORDS(far, 0), CAPS(space)},
        {"a PDPT", pdpt, pdpt_map, no_error, WORDS(elsewhere, 0), CAPS(space)},
        {"again", pdpt, pdpt_map, invalid_capability, WORDS(elsewhere, 0), CAPS(space), ANSWER(0)},
        {"a directory", directory, directory_map, no_error, WORDS(elsewhere, 0), CAPS(space)},
        {"again", directory, directory_map, invalid_capability, WORDS(elsewhere, 0), CAPS(space), ANSWER(0)},
        {"a table", table, table_map, no_error, WORDS(elsewhere, 0), CAPS(space)}, );
    const cptr_t other_directory = make_object(type_directory, 0);
    ATTEMPT(
        {"a directory over another", other_directory, directory_map, delete_first, WORDS(elsewhere, 0), CAPS(space)},
        {"no method of a directory", directory, table_map, illegal_operation, WORDS(0)},
        {"no method of a PDPT", pdpt, table_map, illegal_operation, WORDS(0)},
        {"unmap the directory", directory, directory_unmap, no_error, WORDS(0)},
        {"what was below has to be found again", second, table_map, failed_lookup, WORDS(elsewhere, 0), CAPS(space),
         ANSWER(0, missing, 30)},
        {"unmap the PDPT", pdpt, pdpt_unmap, no_error, WORDS(0)},
        {"copy it", cap_cnode, cnode_copy, illegal_operation, WORDS(copy, 64, pdpt, 64, all_rights), CAPS(node)}, );
#else
    const word_t elsewhere = far + ((word_t)1 << 29);
    ATTEMPT({"a table", table, table_map, no_error, WORDS(elsewhere, attribute_plain), CAPS(space)}, );
#endif
    ATTEMPT(
        {"it is mapped", table, table_map, invalid_capability, WORDS(far, attribute_plain), CAPS(space), ANSWER(0)},
        {"one too many", second, table_map, delete_first, WORDS(far, attribute_plain), CAPS(space)},
        {"a copy of what is mapped", cap_cnode, cnode_copy, no_error, WORDS(copy, 64, table, 64, all_rights),
         CAPS(node)},
        {"two name it", table, table_unmap, revoke_first, WORDS(0)},
        {"delete the copy", cap_cnode, cnode_delete, no_error, WORDS(copy, 64)},
        {"unmap it", table, table_unmap, no_error, WORDS(0)},
        {"map it anew", table, table_map, no_error, WORDS(far + ((word_t)3 << 21), attribute_plain), CAPS(space)}, );
    check("delete it", delete_cap(table), no_error);
}

static void asid_errors(void) {
    const cptr_t root = make_object(type_root, 0), frame = make_object(type_page, 0), slot = new_slot();
    const cptr_t small = make_object(object_untyped, 11), right = make_object(object_untyped, 12);
    const cptr_t device = given_untyped(1, 12);
    ATTEMPT(
        {"no method of a pool", cap_asid_pool, tcb_suspend, illegal_operation, WORDS(0)},
        {"no root", cap_asid_pool, assign, truncated_message, WORDS(0)},
        {"a frame", cap_asid_pool, assign, invalid_capability, CAPS(frame), ANSWER(1)},
        {"a root", cap_asid_pool, assign, no_error, CAPS(root)},
        {"again", cap_asid_pool, assign, invalid_capability, CAPS(root), ANSWER(1)},
        {"no method of the control", cap_asid_control, tcb_suspend, illegal_operation, WORDS(0)},
        {"one word", cap_asid_control, make_pool, truncated_message, WORDS(slot), CAPS(right, node)},
        {"no CNode", cap_asid_control, make_pool, truncated_message, WORDS(slot, 64), CAPS(right)},
        {"too little memory", cap_asid_control, make_pool, invalid_capability, WORDS(slot, 64), CAPS(small, node),
         ANSWER(1)},
        {"no memory", cap_asid_control, make_pool, invalid_capability, WORDS(slot, 64), CAPS(endpoint, node),
         ANSWER(1)},
        {"device memory", cap_asid_control, make_pool, invalid_capability, WORDS(slot, 64), CAPS(device, node),
         ANSWER(1)},
        {"a slot that is taken", cap_asid_control, make_pool, delete_first, WORDS(endpoint, 64), CAPS(right, node)},
        {"no bits", cap_asid_control, make_pool, range_error, WORDS(slot, 0), CAPS(right, node), ANSWER(1, 64)},
        {"into an endpoint", cap_asid_control, make_pool, failed_lookup, WORDS(slot, 64), CAPS(right, endpoint),
         ANSWER(0, 1)},
        {"a pool", cap_asid_control, make_pool, no_error, WORDS(slot, 64), CAPS(right, node)},
        {"its memory is in use", cap_asid_control, make_pool, revoke_first, WORDS(frame, 64), CAPS(right, node)}, );
    check("delete the pool", delete_cap(slot), no_error);
    check("delete the root", delete_cap(root), no_error);
}

/// All identifiers of a pool, and all pools.
static void exhaustion(void) {
    enum { asids = 512 };
    const cptr_t memory = make_object(object_untyped, 12), pool = new_slot(), roots = make_object(object_untyped, 22);
    ATTEMPT({"a pool", cap_asid_control, make_pool, no_error, WORDS(pool, 64), CAPS(memory, node)}, );
    const cptr_t first = new_slot();
    for (unsigned i = 0; i < asids + 1; ++i)
        new_slot();
    unsigned made = 0;
    word_t error = no_error;
    for (; made <= asids && error == no_error; ++made) {
        const cptr_t root = first + made;
        if (retype(roots, type_root, 0, root, 1) != no_error)
            break;
        error = invoke(pool, assign, 0, 0, 1, &root);
    }
    check("512 in a pool", made, asids + 1);
    check("then it is full", error, delete_first);
    const cptr_t last = first + asids;
    ATTEMPT({"no place for this one", pool, assign, delete_first, CAPS(last)}, );
    check("one goes", delete_cap(first + 17), no_error);
    ATTEMPT({"its place is free", pool, assign, no_error, CAPS(last)}, );
    check("all go", revoke_cap(roots), no_error);
    check("the pool too", delete_cap(pool), no_error);
    // As many pools as there are.
    const cptr_t pieces = make_object(object_untyped, 20), slots = new_slot();
    for (unsigned i = 0; i < 512; ++i)
        new_slot();
    for (made = 0, error = no_error; made < 200 && error == no_error; ++made) {
        const cptr_t piece = slots + 2 * made, caps[] = {piece, cap_cnode};
        if (retype(pieces, object_untyped, 12, piece, 1) != no_error)
            break;
        const word_t words[] = {slots + 2 * made + 1, 64};
        error = invoke(cap_asid_control, make_pool, 2, words, 2, caps);
    }
    check("no pool more", error, delete_first);
#if defined(__x86_64__)
    check("eight, one of which was there", made, 8);
#else
    check("128, one of which was there", made, 128);
#endif
    check("all go", revoke_cap(pieces), no_error);
    ATTEMPT(
        {"then there are some again", cap_asid_control, make_pool, no_error, WORDS(pool, 64), CAPS(memory, node)}, );
}

/// A pool whose roots threads had: its end takes several rounds.
static void used_pool(void) {
    enum { roots = 16 };
    const cptr_t memory = make_object(object_untyped, 12), pool = new_slot(), thread = make_object(object_tcb, 0);
    const cptr_t frame = make_object(type_page, 0);
    cptr_t root[roots];
    ATTEMPT({"a pool", cap_asid_control, make_pool, no_error, WORDS(pool, 64), CAPS(memory, node)}, );
    unsigned good = 0;
    for (unsigned i = 0; i < roots; ++i) {
        root[i] = make_object(type_root, 0);
        const word_t words[] = {0, 0, 0};
        const cptr_t caps[] = {cap_cnode, root[i]};
        good += invoke(pool, assign, 0, 0, 1, &root[i]) == no_error
                && invoke(thread, tcb_set_space, 3, words, 2, caps) == no_error;
    }
    check("a thread in sixteen spaces", good, roots);
    check("delete their pool", delete_cap(pool), no_error);
    for (unsigned i = 0; i < roots; ++i) {
        const word_t words[] = {place, both, attribute_plain};
        good -= invoke(frame, page_map, 3, words, 1, &root[i]) == failed_lookup;
    }
    check("none is a space any more", good, 0);
    ATTEMPT({"its memory serves again", cap_asid_control, make_pool, no_error, WORDS(pool, 64), CAPS(memory, node)}, );
    check("delete that", delete_cap(pool), no_error);
}

#if defined(__aarch64__)
/// Cache maintenance, by page and by address.
static void maintenance(void) {
    const cptr_t frame = make_object(type_page, 0), bare = make_object(type_root, 0);
    for (unsigned i = 0; i < 4; ++i) {
        const unsigned label = page_maintenance + i;
        ATTEMPT({"a frame that is not mapped", frame, label, illegal_operation, WORDS(0, 64)}, );
    }
    check("map it", map_page(frame, place, both, attribute_plain), no_error);
    for (unsigned i = 0; i < 4; ++i) {
        const unsigned label = page_maintenance + i;
        ATTEMPT(
            {"one word", frame, label, truncated_message, WORDS(0)},
            {"nothing", frame, label, invalid_argument, WORDS(64, 64), ANSWER(1)},
            {"beyond its end", frame, label, invalid_argument, WORDS(0, page + 64), ANSWER(0)},
            {"all of it", frame, label, no_error, WORDS(0, page)}, );
        const unsigned root_label = vspace_first + i;
        ATTEMPT(
            {"one word", cap_vspace, root_label, truncated_message, WORDS(place)},
            {"nothing", cap_vspace, root_label, invalid_argument, WORDS(place, place), ANSWER(1)},
            {"in the kernel's half", cap_vspace, root_label, illegal_operation, WORDS(place, ~0xffful)},
            {"a root without ASID", bare, root_label, invalid_capability, WORDS(place, place + 64), ANSWER(0)},
            {"over two pages", cap_vspace, root_label, range_error, WORDS(place, place + page + 64),
             ANSWER(place, place + page - 1)},
            {"where nothing is", cap_vspace, root_label, no_error, WORDS(place + 64 * page, place + 64 * page + 64)},
            {"a page", cap_vspace, root_label, no_error, WORDS(place, place + page)}, );
    }
    ATTEMPT(
        {"read only", frame, page_map, no_error, WORDS(place, right_read, attribute_plain), CAPS(space)},
        {"throwing away needs the right to write", cap_vspace, vspace_first + 1, illegal_operation,
         WORDS(place, place + 64)},
        {"no method of a root", cap_vspace, tcb_suspend, illegal_operation, WORDS(0)},
        {"nor calls of the firmware", cap_vspace, smc_call, illegal_operation, WORDS(0)}, );
    check("delete it", delete_cap(frame), no_error);
}
#else
static void maintenance(void) {}
#endif

int main(void) {
    endpoint = make_object(object_endpoint, 0);
    frame_errors();
    frame_rights();
    table_errors();
    asid_errors();
    used_pool();
    exhaustion();
    maintenance();
    return 0;
}
