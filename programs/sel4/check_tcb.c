// TCB invocations: each with its errors, and what they do.
#include "attempt.h"

static const cptr_t node = cap_cnode, space = cap_vspace, own = cap_tcb;
static cptr_t thread, endpoint;
static word_t context_words;

static void register_errors(void) {
    ATTEMPT(
        {"no method of a thread", thread, cnode_copy, illegal_operation, WORDS(0)},
        {"one word", thread, tcb_read_registers, truncated_message, WORDS(0)},
        {"no registers", thread, tcb_read_registers, range_error, WORDS(0, 0), ANSWER(1, context_words)},
        {"more than there are", thread, tcb_read_registers, range_error, WORDS(0, context_words + 1),
         ANSWER(1, context_words)},
        {"its own", cap_tcb, tcb_read_registers, illegal_operation, WORDS(0, 1)},
        {"another's", thread, tcb_read_registers, no_error, WORDS(0, 2)},
        {"one word", thread, tcb_write_registers, truncated_message, WORDS(0)},
        {"fewer than it says", thread, tcb_write_registers, truncated_message, WORDS(0, 2, 0x1000)},
        {"its own", cap_tcb, tcb_write_registers, illegal_operation, WORDS(0, 0)},
        {"none", thread, tcb_write_registers, no_error, WORDS(0, 0)},
        {"two", thread, tcb_write_registers, no_error, WORDS(0, 2, 0x1234, 0x5678)},
        {"they were written", thread, tcb_read_registers, no_error, WORDS(0, 2), ANSWER(0x1234, 0x5678)},
        {"no word", thread, tcb_copy_registers, truncated_message, CAPS(own)},
        {"no source", thread, tcb_copy_registers, truncated_message, WORDS(0)},
        {"from an endpoint", thread, tcb_copy_registers, invalid_capability, WORDS(0), CAPS(endpoint), ANSWER(1)},
        {"nothing of it", thread, tcb_copy_registers, no_error, WORDS(0), CAPS(own)}, );
}

static void copies(void) {
    enum { frame_registers = 4, integer_registers = 8 };
    const cptr_t other = make_object(object_tcb, 0);
    ATTEMPT(
        {"copy the program counter", other, tcb_copy_registers, no_error, WORDS(frame_registers), CAPS(thread)},
        {"it is there", other, tcb_read_registers, no_error, WORDS(0, 2), ANSWER(0x1234, 0x5678)},
        {"the rest too", other, tcb_copy_registers, no_error, WORDS(integer_registers), CAPS(thread)},
        {"all registers", other, tcb_read_registers, no_error, WORDS(0, context_words), ANSWER(0x1234, 0x5678)}, );
    check("delete it", delete_cap(other), no_error);
}

static void space_errors(void) {
    const word_t place = (word_t)boot_info->ipc_buffer;
    const cptr_t bare_root = make_object(type_root, 0);
    enum { cap_ipc_buffer = 10 };
    const cptr_t buffer = cap_ipc_buffer;
    ATTEMPT(
        {"three words", thread, tcb_configure, truncated_message, WORDS(0, 0, 0), CAPS(node, space, buffer)},
        {"two capabilities", thread, tcb_configure, truncated_message, WORDS(0, 0, 0, 0), CAPS(node, space)},
        {"no CNode", thread, tcb_configure, illegal_operation, WORDS(0, 0, 0, 0), CAPS(endpoint, space, buffer)},
        {"a guard that is too long", thread, tcb_configure, illegal_operation, WORDS(0, 60, 0, 0),
         CAPS(node, space, buffer)},
        {"no VSpace", thread, tcb_configure, illegal_operation, WORDS(0, 0, 0, 0), CAPS(node, endpoint, buffer)},
        {"a root without an ASID", thread, tcb_configure, illegal_operation, WORDS(0, 0, 0, 0),
         CAPS(node, bare_root, buffer)},
        {"a buffer that is no frame", thread, tcb_configure, illegal_operation, WORDS(0, 0, 0, place),
         CAPS(node, space, endpoint)},
        {"a buffer that is not aligned", thread, tcb_configure, alignment_error, WORDS(0, 0, 0, place + 8),
         CAPS(node, space, buffer)},
        {"all", thread, tcb_configure, no_error, WORDS(0, 0, 0, place), CAPS(node, space, buffer)},
        {"no buffer at all", thread, tcb_configure, no_error, WORDS(0, 0, 0, 0), CAPS(node, space, endpoint)}, );
    ATTEMPT(
        {"two words", thread, tcb_set_space, truncated_message, WORDS(0, 0), CAPS(node, space)},
        {"one capability", thread, tcb_set_space, truncated_message, WORDS(0, 0, 0), CAPS(node)},
        {"no CNode", thread, tcb_set_space, illegal_operation, WORDS(0, 0, 0), CAPS(space, space)},
        {"no VSpace", thread, tcb_set_space, illegal_operation, WORDS(0, 0, 0), CAPS(node, node)},
        {"both", thread, tcb_set_space, no_error, WORDS(0, 0, 0), CAPS(node, space)},
        {"no word", thread, tcb_set_ipc_buffer, truncated_message, CAPS(buffer)},
        {"no frame", thread, tcb_set_ipc_buffer, truncated_message, WORDS(place)},
        {"an endpoint", thread, tcb_set_ipc_buffer, illegal_operation, WORDS(place), CAPS(endpoint)},
        {"not aligned", thread, tcb_set_ipc_buffer, alignment_error, WORDS(place + 512), CAPS(buffer)},
        {"a frame", thread, tcb_set_ipc_buffer, no_error, WORDS(place), CAPS(buffer)},
        {"none", thread, tcb_set_ipc_buffer, no_error, WORDS(0), CAPS(endpoint)}, );
}

static void priority_errors(void) {
    ATTEMPT(
        {"no word", thread, tcb_set_priority, truncated_message, CAPS(own)},
        {"no authority", thread, tcb_set_priority, truncated_message, WORDS(1)},
        {"an endpoint's authority", thread, tcb_set_priority, invalid_capability, WORDS(1), CAPS(endpoint), ANSWER(1)},
        {"more than there are", thread, tcb_set_priority, range_error, WORDS(256), CAPS(own), ANSWER(0, 255)},
        {"more than the authority's", thread, tcb_set_priority, range_error, WORDS(1), CAPS(thread), ANSWER(0, 0)},
        {"as much", thread, tcb_set_priority, no_error, WORDS(0), CAPS(thread)},
        {"no word", thread, tcb_set_mc_priority, truncated_message, CAPS(own)},
        {"no authority", thread, tcb_set_mc_priority, truncated_message, WORDS(1)},
        {"an endpoint's authority", thread, tcb_set_mc_priority, invalid_capability, WORDS(1), CAPS(endpoint),
         ANSWER(1)},
        {"more than there are", thread, tcb_set_mc_priority, range_error, WORDS(300), CAPS(own), ANSWER(0, 255)},
        {"100 at most", thread, tcb_set_mc_priority, no_error, WORDS(100), CAPS(own)},
        {"its own authority is 100", thread, tcb_set_priority, range_error, WORDS(101), CAPS(thread), ANSWER(0, 100)},
        {"up to it", thread, tcb_set_priority, no_error, WORDS(100), CAPS(thread)},
        {"one word", thread, tcb_set_sched_params, truncated_message, WORDS(1), CAPS(own)},
        {"no authority", thread, tcb_set_sched_params, truncated_message, WORDS(1, 1)},
        {"an endpoint's authority", thread, tcb_set_sched_params, invalid_capability, WORDS(1, 1), CAPS(endpoint),
         ANSWER(1)},
        {"the first is too much", thread, tcb_set_sched_params, range_error, WORDS(101, 1), CAPS(thread),
         ANSWER(0, 100)},
        {"the second is", thread, tcb_set_sched_params, range_error, WORDS(1, 101), CAPS(thread), ANSWER(0, 100)},
        {"neither changed anything", thread, tcb_set_priority, no_error, WORDS(100), CAPS(thread)},
        {"both", thread, tcb_set_sched_params, no_error, WORDS(50, 20), CAPS(own)},
        {"the new maximum", thread, tcb_set_priority, range_error, WORDS(51), CAPS(thread), ANSWER(0, 50)}, );
}

static void binding(void) {
    const cptr_t notification = make_object(object_notification, 0), other = make_object(object_notification, 0);
    const cptr_t blind = mint(notification, right_write, 1), second = make_object(object_tcb, 0);
    ATTEMPT(
        {"nothing", thread, tcb_bind_notification, truncated_message, WORDS(0)},
        {"an endpoint", thread, tcb_bind_notification, illegal_operation, CAPS(endpoint)},
        {"one that may not be received from", thread, tcb_bind_notification, illegal_operation, CAPS(blind)},
        {"none is bound", thread, tcb_unbind_notification, illegal_operation, WORDS(0)},
        {"one", thread, tcb_bind_notification, no_error, CAPS(notification)},
        {"another", thread, tcb_bind_notification, illegal_operation, CAPS(other)},
        {"to a second thread", second, tcb_bind_notification, illegal_operation, CAPS(notification)},
        {"the other to it", second, tcb_bind_notification, no_error, CAPS(other)},
        {"free it", thread, tcb_unbind_notification, no_error, WORDS(0)},
        {"the deleted thread's is free too", cap_cnode, cnode_delete, no_error, WORDS(second, 64)},
        {"so it can be bound", thread, tcb_bind_notification, no_error, CAPS(other)},
        {"the deleted notification is bound to nobody", cap_cnode, cnode_delete, no_error, WORDS(other, 64)},
        {"so another can be", thread, tcb_bind_notification, no_error, CAPS(notification)},
        {"and freed", thread, tcb_unbind_notification, no_error, WORDS(0)}, );
}

static void flags_and_tls(void) {
    ATTEMPT(
        {"no word", thread, tcb_set_tls_base, truncated_message, .length = 0},
        {"a TLS base", thread, tcb_set_tls_base, no_error, WORDS(0x5000)},
        {"one word", thread, tcb_set_flags, truncated_message, WORDS(0)},
        {"nothing cleared or set", thread, tcb_set_flags, no_error, WORDS(0, 0), ANSWER(0)},
        {"no FPU", thread, tcb_set_flags, no_error, WORDS(0, 1), ANSWER(1)},
        {"still none", thread, tcb_set_flags, no_error, WORDS(0, 0), ANSWER(1)},
        {"cleared and set is set", thread, tcb_set_flags, no_error, WORDS(1, 1), ANSWER(1)},
        {"the FPU again", thread, tcb_set_flags, no_error, WORDS(1, 0), ANSWER(0)}, );
}

static volatile word_t counter;
static void count(word_t unused) {
    (void)unused;
    struct registers r = {0};
    for (;;) {
        ++counter;
        trap(sys_yield, &r);
    }
}

static word_t it_has_turns(void) {
    counter = 0;
    set_own_priority(40);
    struct registers r = {0};
    for (unsigned i = 0; i < 10; ++i)
        trap(sys_yield, &r);
    const word_t turns = counter;
    set_own_priority(255);
    return turns != 0;
}

static void suspension(void) {
    const cptr_t runner = make_thread(count, 0, 40, 0);
    check("it runs beside its equal", it_has_turns(), 1);
    ATTEMPT(
        {"stop it", runner, tcb_suspend, no_error, WORDS(0)},
        {"stop it again", runner, tcb_suspend, no_error, WORDS(0)}, );
    check("it does not run", it_has_turns(), 0);
    ATTEMPT(
        {"go on", runner, tcb_resume, no_error, WORDS(0)}, {"it goes on", runner, tcb_resume, no_error, WORDS(0)}, );
    check("it runs again", it_has_turns(), 1);
    ATTEMPT(
        {"reading stops it if asked to", runner, tcb_read_registers, no_error, WORDS(1, 1)},
        {"copying resumes it if asked to", runner, tcb_copy_registers, no_error, WORDS(2), CAPS(thread)}, );
    check("it runs", it_has_turns(), 1);
    ATTEMPT({"copying stops a source", thread, tcb_copy_registers, no_error, WORDS(1), CAPS(runner)}, );
    check("it is stopped", it_has_turns(), 0);
    ATTEMPT({"writing resumes it if asked to", runner, tcb_write_registers, no_error, WORDS(1, 0)}, );
    check("it runs once more", it_has_turns(), 1);
    const word_t low = 39;
    invoke(runner, tcb_set_priority, 1, &low, 1, &own);
    check("not below its better", it_has_turns(), 0);
    check("delete it while it waits for its turn", delete_cap(runner), no_error);
}

/// A thread takes away what it runs on itself: nobody else is harmed.
static volatile word_t step;
static volatile cptr_t self;
_Noreturn static void rest(void) {
    for (;;)
        trap_plain(sys_yield, 0, 0);
}
static void delete_itself(word_t unused) {
    (void)unused;
    step = 1;
    delete_cap(self);
    step = 2;
    rest();
}
static void suspend_itself(word_t unused) {
    (void)unused;
    step = 1;
    invoke(self, tcb_suspend, 0, 0, 0, 0);
    step = 2;
    rest();
}

static word_t step_after(void (*what)(word_t), word_t argument) {
    step = 0;
    self = make_thread(what, argument, 10, 0);
    share_buffer(self);
    set_own_priority(5);
    trap_plain(sys_yield, 0, 0);
    set_own_priority(255);
    return step;
}

static void ends(void) {
    check("a thread deletes itself", step_after(delete_itself, 0), 1);
    check("a thread stops itself", step_after(suspend_itself, 0), 1);
    check("delete it", delete_cap(self), no_error);
}

int main(void) {
#if defined(__aarch64__)
    context_words = 36;
#elif defined(__riscv)
    context_words = 32;
#else
    context_words = 20;
#endif
    thread = make_object(object_tcb, 0);
    endpoint = make_object(object_endpoint, 0);
    register_errors();
    copies();
    space_errors();
    priority_errors();
    binding();
    flags_and_tls();
    suspension();
    ends();
    return 0;
}
