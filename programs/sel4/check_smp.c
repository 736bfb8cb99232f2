// Threads on several cores, by the methods of a kernel with SMP support.
#include "isa.h"

enum { turns = 100, fault_vm = 5 };

// Counts in memory what it counts in its second argument's register.
void counting(void);
#if defined(__aarch64__)
__asm__("counting: add x1, x1, #1\n str x1, [x0]\n b counting\n");
enum { context_pc = 0, context_argument = 3, context_count = 4, context_words = 36 };
static const word_t place = 0x10000000000;
#elif defined(__riscv)
__asm__("counting: addi a1, a1, 1\n sd a1, 0(a0)\n j counting\n");
enum { context_pc = 0, context_argument = 16, context_count = 17, context_words = 32 };
static const word_t place = 0x2000000000;
#else
__asm__("counting: inc %rsi\n mov %rsi, (%rdi)\n jmp counting\n");
enum { context_pc = 0, context_argument = 8, context_count = 7, context_words = 20 };
static const word_t place = 0x10000000000;
#endif

static volatile word_t counters[8];

static word_t move(cptr_t thread, word_t core) {
    return invoke(thread, tcb_set_affinity, 1, &core, 0, 0);
}

static word_t core_of(cptr_t thread) {
    struct registers r = {thread, 0, {0}};
    trap(sys_debug_thread_affinity, &r);
    return r.cap;
}

/// 1: the counter goes on.
static word_t advances(volatile word_t* counter) {
    const word_t before = *counter;
    for (word_t patience = 0; patience < 2000000000; ++patience)
        if (*counter != before)
            return 1;
    return 0;
}

/// 1: the counter stands still for a while.
static word_t stands(volatile word_t* counter) {
    const word_t before = *counter;
    for (volatile word_t patience = 0; patience < 100000; ++patience)
        if (*counter != before)
            return 0;
    return 1;
}

static word_t start_counting(cptr_t thread, volatile word_t* counter, word_t core, cptr_t fault_handler) {
    const word_t space[] = {fault_handler, 0, 0}, priority = 100;
    const cptr_t roots[] = {cap_cnode, cap_vspace}, authority = cap_tcb;
    static word_t context[2 + context_argument + 1] = {1, context_argument + 1}; // resume
    context[2 + context_pc] = (word_t)counting;
    context[2 + context_argument] = (word_t)counter;
    word_t error = invoke(thread, tcb_set_space, 3, space, 2, roots);
    if (error == no_error)
        error = invoke(thread, tcb_set_priority, 1, &priority, 1, &authority);
    if (error == no_error)
        error = move(thread, core);
    return error != no_error ? error : invoke(thread, tcb_write_registers, 2 + context_argument + 1, context, 0, 0);
}

static void affinity_errors(void) {
    check("the boot node", boot_info->node, 0);
    check("the initial thread's core", core_of(cap_tcb), 0);
    check("no core", invoke(cap_tcb, tcb_set_affinity, 0, 0, 0, 0), truncated_message);
    check("a core that is not there", move(cap_tcb, boot_info->nodes), illegal_operation);
    check("the core it has", move(cap_tcb, 0), no_error);
}

static void all_at_once(void) {
    cptr_t threads[8];
    for (word_t core = 1; core < boot_info->nodes; ++core) {
        threads[core] = make_object(object_tcb, 0);
        check("a thread on another core", start_counting(threads[core], &counters[core], core, 0), no_error);
        check("is there", core_of(threads[core]), core);
    }
    for (word_t core = 1; core < boot_info->nodes; ++core)
        check("it runs beside this one", advances(&counters[core]), 1);
    for (word_t core = 1; core < boot_info->nodes; ++core)
        check("delete it", delete_cap(threads[core]), no_error);
    for (word_t core = 1; core < boot_info->nodes; ++core)
        check("it stands still", stands(&counters[core]), 1);
}

static void back_and_forth(void) {
    const cptr_t thread = make_object(object_tcb, 0);
    check("a thread that is to move", start_counting(thread, &counters[0], 1, 0), no_error);
    word_t moved = 0;
    for (word_t turn = 0; turn < turns; ++turn) {
        const word_t core = 1 + turn % (boot_info->nodes - 1);
        if (move(thread, core) != no_error || core_of(thread) != core || !advances(&counters[0]))
            break;
        ++moved;
    }
    check("it runs wherever it goes", moved, turns);
    check("to this core, under this thread", move(thread, 0), no_error);
    check("where it waits", stands(&counters[0]), 1);
    check("and away", move(thread, 1), no_error);
    check("where it runs", advances(&counters[0]), 1);
    check("this thread goes", move(cap_tcb, boot_info->nodes - 1), no_error);
    check("and is there", core_of(cap_tcb), boot_info->nodes - 1);
    check("this thread comes back", move(cap_tcb, 0), no_error);
    check("and is here", core_of(cap_tcb), 0);
    check("delete it", delete_cap(thread), no_error);
}

/// The count in a stopped thread's register is that in memory, or one more when it was not stored yet.
static void check_count(const char* name, cptr_t thread, word_t stored) {
    const word_t words[] = {0, context_words};
    check("read its registers", invoke(thread, tcb_read_registers, 2, words, 0, 0), no_error);
    const word_t count = boot_info->ipc_buffer[buffer_message + context_count];
    check(name, count == stored || count == stored + 1, 1);
}

static void registers(void) {
    const cptr_t thread = make_object(object_tcb, 0), copy = make_object(object_tcb, 0);
    check("a thread to look at", start_counting(thread, &counters[0], 1, 0), no_error);
    check("it runs", advances(&counters[0]), 1);
    const word_t read_and_suspend[] = {1, context_words};
    check("stop it and read", invoke(thread, tcb_read_registers, 2, read_and_suspend, 0, 0), no_error);
    const word_t count = boot_info->ipc_buffer[buffer_message + context_count], stored = counters[0];
    check("it stands", stands(&counters[0]), 1);
    check("what was read is what it had", count == stored || count == stored + 1, 1);
    check("resume", invoke(thread, tcb_resume, 0, 0, 0, 0), no_error);
    check("it runs again", advances(&counters[0]), 1);
    const word_t stop_and_copy = 1 | 4 | 8;
    check("stop it and copy", invoke(copy, tcb_copy_registers, 1, &stop_and_copy, 1, &thread), no_error);
    check("it stands again", stands(&counters[0]), 1);
    check_count("the copy is what it had", copy, counters[0]);
    check_count("it kept them too", thread, counters[0]);
    check("resume it", invoke(thread, tcb_resume, 0, 0, 0, 0), no_error);
    const word_t only_copy = 4 | 8;
    word_t good = 0;
    for (word_t turn = 0; turn < turns; ++turn) {
        const word_t before = counters[0];
        if (invoke(copy, tcb_copy_registers, 1, &only_copy, 1, &thread) != no_error)
            break;
        const word_t words[] = {0, context_words};
        invoke(copy, tcb_read_registers, 2, words, 0, 0);
        const word_t got = boot_info->ipc_buffer[buffer_message + context_count];
        good += got >= before && got <= counters[0] + 1;
    }
    check("copies of a running thread are of then", good, turns);
    check("it still runs", advances(&counters[0]), 1);
    const word_t stop_and_resume = 1 | 2;
    good = 0;
    for (word_t turn = 0; turn < 50 * turns; ++turn)
        good += invoke(thread, tcb_copy_registers, 1, &stop_and_resume, 1, &thread) == no_error;
    check("stopped and resumed in one call", good, 50 * turns);
    check("it goes on", advances(&counters[0]), 1);
    check("suspend it", invoke(thread, tcb_suspend, 0, 0, 0, 0), no_error);
    check("it is in one place only", stands(&counters[0]), 1);
    check("delete it", delete_cap(thread), no_error);
}

static cptr_t endpoint, notification;

static void serve(word_t unused) {
    (void)unused;
    struct registers r = {endpoint, 0, {0}};
    trap(sys_recv, &r);
    for (;;) {
        r = (struct registers){endpoint, message_info(0, 0, 1), {r.words[0] + 1}};
        trap(sys_reply_recv, &r);
    }
}

static word_t call_often(void) {
    word_t good = 0;
    for (word_t turn = 0; turn < turns; ++turn) {
        struct registers r = {endpoint, message_info(0, 0, 1), {turn}};
        trap(sys_call, &r);
        good += r.words[0] == turn + 1;
    }
    return good;
}

static void ipc(void) {
    endpoint = make_object(object_endpoint, 0);
    const cptr_t server = make_thread(serve, 0, 100, 0);
    check("a server elsewhere", move(server, 1), no_error);
    check("calls across cores", call_often(), turns);
    for (word_t core = 0; core < boot_info->nodes; ++core) {
        check("the waiting server moves", move(server, core), no_error);
        check("calls to where it is", call_often(), turns);
    }
    check("delete the server", delete_cap(server), no_error);
}

static void count_signals(word_t counter) {
    for (;;) {
        struct registers r = {notification, 0, {0}};
        trap(sys_recv, &r);
        ++*(volatile word_t*)counter;
    }
}

static void signals(void) {
    notification = make_object(object_notification, 0);
    counters[0] = 0;
    const cptr_t waiter = make_thread(count_signals, (word_t)&counters[0], 100, 0);
    word_t seen = 0;
    check("a waiter elsewhere", move(waiter, boot_info->nodes - 1), no_error);
    for (word_t turn = 0; turn < turns; ++turn) {
        struct registers r = {notification, 0, {0}};
        const word_t before = counters[0];
        trap(sys_send, &r);
        for (word_t patience = 0; counters[0] == before && patience < 2000000000; ++patience)
            ;
        seen += counters[0] == before + 1;
    }
    check("signals across cores", seen, turns);
    check("delete the waiter", delete_cap(waiter), no_error);
}

static void revocation(void) {
    const cptr_t memory = make_object(object_untyped, 12), thread = new_slot();
    word_t good = 0;
    for (word_t turn = 0; turn < turns; ++turn) {
        const word_t core = 1 + turn % (boot_info->nodes - 1);
        good += retype(memory, object_tcb, 0, thread, 1) == no_error
                && start_counting(thread, &counters[0], core, 0) == no_error && advances(&counters[0])
                && revoke_cap(memory) == no_error;
    }
    check("threads lose their memory while they run elsewhere", good, turns);
    check("the last stands still", stands(&counters[0]), 1);
}

/// A page goes away under a thread that writes it on another core: it faults at once.
static void unmapping(void) {
    const cptr_t frame = make_object(type_page, 0), view = mint(frame, all_rights, 0);
    const cptr_t faults = make_object(object_endpoint, 0), thread = make_object(object_tcb, 0);
    volatile word_t* const counter = (volatile word_t*)(place + 4096);
    check("a page to look at", map_page(view, place + 4096, all_rights, attribute_plain), no_error);
    word_t stood = 0, faulted = 0;
    for (word_t turn = 0; turn < turns; ++turn) {
        const word_t core = 1 + turn % (boot_info->nodes - 1);
        if (map_page(frame, place, all_rights, attribute_plain) != no_error
            || start_counting(thread, (volatile word_t*)place, core, faults) != no_error || !advances(counter)
            || invoke(frame, page_unmap, 0, 0, 0, 0) != no_error)
            break;
        const word_t last = *counter;
        struct registers r = {faults, 0, {0}};
        trap(sys_recv, &r);
        stood += *counter == last;
        faulted += r.info >> 12 == fault_vm && r.words[1] == place;
    }
    check("nothing is written once it is unmapped", stood, turns);
    check("the writer faults", faulted, turns);
    check("delete it", delete_cap(thread), no_error);
}

int main(void) {
    print("ok cores ");
    print_number(boot_info->nodes);
    print("\n");
    affinity_errors();
    if (boot_info->nodes == 1)
        return 0;
    all_at_once();
    back_and_forth();
    registers();
    ipc();
    signals();
    revocation();
    unmapping();
    return 0;
}
