// Endpoints: what each right allows, messages of every length, capabilities that are sent along, replies, cancelling.
#include "attempt.h"

static cptr_t endpoint, parking;
static const cptr_t node = cap_cnode;

_Noreturn static void park(void) {
    for (;;)
        trap_plain(sys_recv, parking, 0);
}

// One helper thread that makes one call and says what came back.
static struct registers request, answer;
static volatile long request_number;
static volatile word_t answered;
static void helper(word_t unused) {
    (void)unused;
    struct registers r = request;
    trap(request_number, &r);
    answer = r;
    answered = 1;
    park();
}
enum { helper_priority = 200 };
static cptr_t help(long number, cptr_t cap, word_t info, word_t first) {
    request_number = number;
    request = (struct registers){cap, info, {first, 0, 0, 0}};
    answered = 0;
    static cptr_t thread; // one after the other
    if (thread)
        delete_cap(thread);
    thread = make_thread(helper, 0, helper_priority, 0);
    share_buffer(thread);
    set_own_priority(100);
    return thread;
}

static word_t received_badge(void) {
    return receive(sys_nb_recv, endpoint).cap;
}

/// Each of the 16 sets of rights.
static void rights(void) {
    for (word_t r = 0; r < 16; ++r) {
        const cptr_t cap = mint(endpoint, r, 0x1000 | r);
        const word_t may_send = r & right_write, may_receive = r & right_read;
        print("ok rights ");
        print_number(r);
        print("\n");
        // The root task waits for nobody: a message arrives when a helper's send waits for it.
        help(sys_send, cap, message_info(1, 0, 1), 5);
        check("send", received_badge(), may_send ? 0x1000 | r : 0);
        check("the helper goes on", answered, 1);
        help(sys_nb_send, cap, message_info(1, 0, 1), 5);
        check("a send that does not wait is dropped", received_badge(), 0);
        check("either way", answered, 1);
        // A call.
        help(sys_call, cap, message_info(1, 0, 0), 0);
        const struct registers call = receive(sys_nb_recv, endpoint);
        check("call", call.cap, may_send ? 0x1000 | r : 0);
        trap_plain(sys_reply, 0, message_info(9, 0, 0));
        const word_t may_be_answered = may_send && (r & (right_grant | right_grant_reply));
        // Without the right to write the kernel answers with an error; without that to be answered it stops.
        check("an answer", answered, !may_send || may_be_answered);
        check("it is the right one", !answered || answer.info >> 12 == (may_send ? 9u : invalid_capability), 1);
        // Receiving.
        help(sys_nb_recv, cap, 0, 0);
        check("receive", answered, may_receive != 0);
        check("delete", delete_cap(cap), no_error);
    }
}

/// Who may send capabilities along, and who may be sent some in an answer.
static cptr_t landing;
static word_t landed(void) { // a copy onto a taken slot fails
    const word_t words[] = {landing, 64, endpoint, 64, all_rights};
    const word_t error = invoke(cap_cnode, cnode_copy, 5, words, 1, &node);
    delete_cap(landing);
    return error == delete_first;
}
static void prepare_landing(cptr_t sent) {
    boot_info->ipc_buffer[buffer_receive_cnode] = cap_cnode;
    boot_info->ipc_buffer[buffer_receive_index] = landing;
    boot_info->ipc_buffer[buffer_receive_depth] = 64;
    boot_info->ipc_buffer[buffer_caps] = sent;
}

static void granting(void) {
    const cptr_t other = make_object(object_endpoint, 0);
    landing = new_slot();
    static const struct {
        word_t rights;
        const char* what;
        unsigned arrives;
    } cases[] = {
        {right_write | right_grant, "grant hands it over", 1},
        {right_write | right_grant_reply, "grant-reply does not", 0},
        {right_write, "write alone does not", 0},
    };
    for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); ++i) {
        const cptr_t cap = mint(endpoint, cases[i].rights, 3);
        help(sys_send, cap, message_info(0, 1, 0), 0);
        prepare_landing(other);
        const struct registers r = receive(sys_nb_recv, endpoint);
        check(cases[i].what, r.info >> 7 & 3, cases[i].arrives);
        check("so it landed", landed(), cases[i].arrives);
        delete_cap(cap);
    }
    // The endpoint's own capability arrives as its badge.
    const cptr_t cap = mint(endpoint, right_write | right_grant, 3), badged = mint(endpoint, right_read, 77);
    help(sys_send, cap, message_info(0, 1, 0), 0);
    prepare_landing(badged);
    struct registers r = receive(sys_nb_recv, endpoint);
    check("unwrapped", r.info >> 7 & 31, 1u << 2 | 1);
    check("its badge", boot_info->ipc_buffer[buffer_caps], 77);
    check("nothing landed", landed(), 0);
    // A slot that is taken receives nothing; a place that is none neither.
    help(sys_send, cap, message_info(0, 1, 0), 0);
    prepare_landing(other);
    boot_info->ipc_buffer[buffer_receive_index] = endpoint;
    r = receive(sys_nb_recv, endpoint);
    check("a taken slot takes nothing", r.info >> 7 & 31, 0);
    help(sys_send, cap, message_info(0, 1, 0), 0);
    prepare_landing(other);
    boot_info->ipc_buffer[buffer_receive_cnode] = endpoint;
    r = receive(sys_nb_recv, endpoint);
    check("an endpoint is no CNode to land in", r.info >> 7 & 31, 0);
    // The one that answers: grant in the receiver's capability, whatever the caller's is.
    const cptr_t caller = mint(endpoint, right_write | right_grant_reply, 4);
    const cptr_t receiving[] = {endpoint, mint(endpoint, right_read, 0)};
    for (unsigned i = 0; i < 2; ++i) {
        help(sys_call, caller, message_info(0, 0, 0), 0);
        receive(sys_nb_recv, receiving[i]);
        prepare_landing(other);
        trap_plain(sys_reply, 0, message_info(0, 1, 0));
        check(
            i == 0 ? "an answer brings it" : "but not through a capability without grant", answer.info >> 7 & 3,
            i == 0);
        check("and so it landed", landed(), i == 0);
    }
}

/// Messages of every length, through registers and the buffer.
static void lengths(void) {
    for (word_t length = 0; length <= 120; length += length < 8 ? 1 : 16) {
        for (word_t w = 4; w < 120; ++w)
            boot_info->ipc_buffer[buffer_message + w] = length * 1000 + w;
        help(sys_send, endpoint, message_info(7, 0, length), 11);
        const struct registers r = receive(sys_nb_recv, endpoint);
        check("length", r.info, message_info(7, 0, length));
    }
    help(sys_send, endpoint, message_info(7, 0, 127), 11);
    check("more than there is room for", receive(sys_nb_recv, endpoint).info, message_info(7, 0, 120));
}

/// A reply capability that is saved, used once, and gone.
static void replies(void) {
    const cptr_t saved = new_slot(), elsewhere = new_slot();
    help(sys_call, endpoint, message_info(0, 0, 0), 0);
    receive(sys_nb_recv, endpoint);
    ATTEMPT(
        {"save the caller", cap_cnode, cnode_save_caller, no_error, WORDS(saved, 64)},
        {"it is no longer where it was", cap_cnode, cnode_save_caller, no_error, WORDS(elsewhere, 64)},
        {"it is not copied", cap_cnode, cnode_copy, illegal_operation, WORDS(elsewhere, 64, saved, 64, all_rights),
         CAPS(node)},
        {"it is moved", cap_cnode, cnode_move, no_error, WORDS(elsewhere, 64, saved, 64), CAPS(node)}, );
    trap_plain(sys_reply, 0, message_info(5, 0, 0));
    check("nobody to reply to", answered, 0);
    trap_plain(sys_send, elsewhere, message_info(5, 0, 0));
    check("an answer through it", answered, 1);
    check("with its label", answer.info >> 12, 5);
    const word_t move[] = {saved, 64, elsewhere, 64};
    check("it is used up", invoke(cap_cnode, cnode_move, 4, move, 1, &node), failed_lookup);
    // The caller is gone, or stopped: so is its reply capability.
    const cptr_t caller = help(sys_call, endpoint, message_info(0, 0, 0), 0);
    receive(sys_nb_recv, endpoint);
    const word_t where[] = {saved, 64};
    check("save it", invoke(cap_cnode, cnode_save_caller, 2, where, 0, 0), no_error);
    check("stop the caller", invoke(caller, tcb_suspend, 0, 0, 0, 0), no_error);
    const word_t gone[] = {elsewhere, 64, saved, 64};
    check("nothing is left to answer", invoke(cap_cnode, cnode_move, 4, gone, 1, &node), failed_lookup);
}

/// Threads wait with several badges; some are thrown out.
static volatile word_t sent[4];
static cptr_t badges[4];
static void insistent(word_t which) {
    struct registers r = {badges[which], message_info(which, 0, 0), {0}};
    trap(sys_send, &r);
    sent[which] = 1;
    park();
}
static void cancelling(void) {
    cptr_t threads[4];
    for (word_t i = 0; i < 4; ++i) {
        badges[i] = mint(endpoint, all_rights, 50 + i % 2);
        threads[i] = make_thread(insistent, i, helper_priority, 0);
    }
    set_own_priority(100); // all four wait in the queue
    set_own_priority(255);
    const word_t first[] = {badges[0], 64};
    check("cancel the sends of one badge", invoke(cap_cnode, cnode_cancel_badged_sends, 2, first, 0, 0), no_error);
    // Those were restarted: they have not run yet, so only the others are in the queue.
    check("the other badge's are still there", receive(sys_nb_recv, endpoint).cap, 51);
    check("both", receive(sys_nb_recv, endpoint).cap, 51);
    check("nobody else", receive(sys_nb_recv, endpoint).cap, 0);
    set_own_priority(100);
    check("the first ones made their call again", receive(sys_nb_recv, endpoint).cap, 50);
    check("both of them", receive(sys_nb_recv, endpoint).cap, 50);
    check("all were sent", sent[0] + sent[1] + sent[2] + sent[3], 4);
    for (unsigned i = 0; i < 4; ++i)
        delete_cap(threads[i]);
}

/// The endpoint ends while threads wait in it: they fault on a capability that is no more.
static void ending(void) {
    const cptr_t memory = make_object(object_untyped, 12), short_lived = new_slot();
    check("an endpoint", retype(memory, object_endpoint, 0, short_lived, 1), no_error);
    help(sys_send, short_lived, message_info(0, 0, 0), 0);
    check("it waits", answered, 0);
    check("revoke its memory", revoke_cap(memory), no_error);
    check("the sender was restarted, and sent to nobody", answered, 1);
    check("the memory is free", retype(memory, object_cap_table, 7, short_lived, 1), no_error);
}

int main(void) {
    endpoint = make_object(object_endpoint, 0);
    parking = make_object(object_endpoint, 0);
    rights();
    granting();
    lengths();
    replies();
    cancelling();
    ending();
    return 0;
}
