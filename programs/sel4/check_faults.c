// Faults as messages: every kind, its words, and what an answer does.
#include "attempt.h"

enum fault { fault_capability = 1, fault_syscall, fault_exception, fault_vm = 5 };
enum { invalid_root = 1, missing = 2, mismatch = 3, guard_mismatch = 4 };
enum { handler_badge = 0x99, worker_priority = 200 };
#if defined(__aarch64__)
enum { syscall_words = 13, exception_words = 5, syscall_ip = 8, syscall_first = 0, trap_bytes = 4 };
#elif defined(__riscv)
enum { syscall_words = 11, exception_words = 4, syscall_ip = 0, syscall_first = 3, trap_bytes = 4 };
#else
enum { syscall_words = 19, exception_words = 5, syscall_ip = 15, syscall_first = 5, trap_bytes = 2 };
#endif

static cptr_t endpoint, handler, parking, badged;
static volatile word_t step;
static struct registers came_back;

_Noreturn static void park(void) {
    for (;;)
        trap_plain(sys_recv, parking, 0);
}

// What the worker does is chosen by number.
enum act { act_send, act_call, act_receive, act_unknown, act_undefined, act_read, act_write, act_execute };
static volatile word_t target;
static void work(word_t act) {
    struct registers r = {target, message_info(1, 0, 0), {0}};
    switch (act) {
    case act_send:
        trap(sys_send, &r);
        break;
    case act_call:
        trap(sys_call, &r);
        break;
    case act_receive:
        trap(sys_recv, &r);
        break;
    case act_unknown:
        trap(1234, &r);
        break;
    case act_read:
        r.words[0] = *(volatile word_t*)target;
        break;
    case act_write:
        *(volatile word_t*)target = 1;
        break;
    case act_execute:
        ((void (*)(void))target)();
        break;
    default:
        __builtin_trap();
    }
    came_back = r;
    step = 1;
    park();
}

static word_t word(unsigned index) {
    return boot_info->ipc_buffer[buffer_message + index];
}

static cptr_t worker;
/// Starts the worker, which faults at once, and receives its message, if there is one.
static struct registers fault_of(enum act act, word_t where) {
    if (worker)
        delete_cap(worker);
    step = 0;
    target = where;
    set_own_priority(255);
    worker = make_thread(work, act, worker_priority, handler);
    share_buffer(worker);
    set_own_priority(100);
    const struct registers r = receive(sys_nb_recv, endpoint);
    for (unsigned i = 0; i < 4; ++i)
        boot_info->ipc_buffer[buffer_message + i] = r.words[i];
    return r;
}
static void expect_fault(const char* what, struct registers r, enum fault label, word_t length) {
    check(what, r.info, message_info(label, 0, length));
    check("from its handler's badge", r.cap, handler_badge);
    check("it waits", step, 0);
}
static void answer(word_t label, word_t length) {
    struct registers r = {0, message_info(label, 0, length), {word(0), word(1), word(2), word(3)}};
    trap(sys_reply, &r);
}

static void capability_faults(void) {
    const cptr_t empty = new_slot(), write_only = mint(endpoint, right_write, 0), frame = make_object(type_page, 0);
    expect_fault("a send to what its guard forbids", fault_of(act_send, 1ul << 40), fault_capability, 7);
    check("the address", word(1), 1ul << 40);
    check("sending", word(2), 0);
    check("a guard", word(3), guard_mismatch);
    check("bits left", word(4), 64);
    check("the guard", word(5), 0);
    check("its bits", word(6), 64 - boot_info->cnode_bits);
    target = parking; // does not matter: the register is what it was
    answer(0, 0);
    const struct registers again = receive(sys_nb_recv, endpoint);
    expect_fault("it is sent again, and faults again", again, fault_capability, 7);

    // What is there but cannot be invoked is no fault: nothing happens, or an error comes back.
    check("a send to nothing", fault_of(act_send, empty).cap, 0);
    check("goes by", step, 1);
    check("a call of nothing", fault_of(act_call, empty).cap, 0);
    check("is answered", came_back.info >> 12, invalid_capability);
    // Receiving needs a capability that may receive.
    expect_fault("a receive from nothing", fault_of(act_receive, empty), fault_capability, 5);
    check("the address", word(1), empty);
    check("receiving", word(2), 1);
    check("missing", word(3), missing);
    expect_fault("a receive without the right", fault_of(act_receive, write_only), fault_capability, 5);
    expect_fault("a receive from a frame", fault_of(act_receive, frame), fault_capability, 5);
    // The capability comes meanwhile: the answer lets it try again.
    const word_t put[] = {empty, 64, badged, 64, all_rights};
    const cptr_t node = cap_cnode;
    expect_fault("a receive from nothing", fault_of(act_receive, empty), fault_capability, 5);
    check("now there is something", invoke(cap_cnode, cnode_copy, 5, put, 1, &node), no_error);
    answer(0, 0);
    check("it receives", receive(sys_nb_recv, endpoint).cap, 0);
    trap_plain(sys_send, empty, message_info(3, 0, 0));
    check("this", came_back.info >> 12, 3);
}

static void unknown_calls(void) {
    expect_fault("an unknown system call", fault_of(act_unknown, 0x77), fault_syscall, syscall_words);
    check("its number", word(syscall_words - 1), 1234);
    check("its first register", word(syscall_first), 0x77);
    // The handler chooses the result and where it goes on.
    const word_t pc = word(syscall_ip);
    boot_info->ipc_buffer[buffer_message + syscall_ip] = pc + trap_bytes;
    answer(0, syscall_words);
    check("it goes on behind the call", step, 1);
    check("with what it was given", came_back.cap, 0x77);
    fault_of(act_unknown, 0x77);
    answer(1, 0);
    check("another label: it stays stopped", step, 0);
    check("until it is resumed", invoke(worker, tcb_resume, 0, 0, 0, 0), no_error);
    expect_fault("and calls again", receive(sys_nb_recv, endpoint), fault_syscall, syscall_words);
}

static void after(void) {
    step = 2;
    park();
}
static void exceptions(void) {
    expect_fault("an undefined instruction", fault_of(act_undefined, 0), fault_exception, exception_words);
    check("in the program", word(0) >= (word_t)&work && word(0) < (word_t)&work + 0x1000, 1);
    fault_of(act_undefined, 0);
    boot_info->ipc_buffer[buffer_message] = (word_t)after;
    answer(0, 1);
    check("it goes on where the answer says", step, 2);
    fault_of(act_undefined, 0);
    answer(7, 0);
    check("another label: it stays stopped", step, 0);
}

static void vm_faults(void) {
    enum { nowhere = 0x1000 };
    expect_fault("a read of nothing", fault_of(act_read, nowhere), fault_vm, 4);
    check("its address", word(1), nowhere);
    check("data", word(2), 0);
    const word_t read_status = word(3);
    expect_fault("a write to nothing", fault_of(act_write, nowhere + 8), fault_vm, 4);
    check("its address", word(1), nowhere + 8);
    check("another status", word(3) != read_status, 1);
    expect_fault("a jump to nothing", fault_of(act_execute, nowhere), fault_vm, 4);
    check("its address", word(1), nowhere);
#if !defined(__x86_64__) // seL4 leaves execute-disable off there, and then the processor does not tell
    check("an instruction", word(2), 1);
#endif
    check("where it was", word(0), nowhere);
    expect_fault("the kernel's memory", fault_of(act_read, 0xffffffff80000000), fault_vm, 4);
    answer(9, 0);
    expect_fault("any label restarts it", receive(sys_nb_recv, endpoint), fault_vm, 4);
}

/// Nobody to tell, or nobody who may answer: the thread stops.
static void no_handlers(void) {
    static const struct {
        const char* what;
        word_t rights;
        unsigned told;
    } cases[] = {
        {"write and grant", right_write | right_grant, 1},
        {"write and grant-reply", right_write | right_grant_reply, 1},
        {"write alone", right_write, 0},
        {"grant alone", right_grant | right_grant_reply, 0},
    };
    const cptr_t usual = handler;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); ++i) {
        handler = mint(endpoint, cases[i].rights, handler_badge);
        check(cases[i].what, fault_of(act_read, 0x1000).cap, cases[i].told ? handler_badge : 0);
        check("it stops", step, 0);
    }
    handler = 0;
    check("no handler", fault_of(act_read, 0x1000).cap, 0);
    check("it stops", step, 0);
    handler = make_object(object_notification, 0);
    check("a notification is none", fault_of(act_read, 0x1000).cap, 0);
    check("a capability fault has nobody either", fault_of(act_receive, new_slot()).cap, 0);
    handler = usual;
    // The handler itself is deleted while the fault waits in its queue.
    const cptr_t memory = make_object(object_untyped, 12), own = endpoint;
    endpoint = new_slot();
    retype(memory, object_endpoint, 0, endpoint, 1);
    handler = mint(endpoint, all_rights, handler_badge);
    set_own_priority(255);
    worker = make_thread(work, act_read, worker_priority, handler);
    set_own_priority(100);
    check("revoke what it waits in", revoke_cap(memory), no_error);
    endpoint = own;
    handler = usual;
    check("the rest goes on", fault_of(act_read, 0x1000).cap, handler_badge);
}

int main(void) {
    endpoint = make_object(object_endpoint, 0);
    handler = mint(endpoint, all_rights, handler_badge);
    badged = mint(endpoint, all_rights, 1);
    parking = make_object(object_endpoint, 0);
    capability_faults();
    unknown_calls();
    exceptions();
    vm_faults();
    no_handlers();
    return 0;
}
