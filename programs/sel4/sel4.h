// A small library for seL4 root tasks, from the seL4 manual and libsel4's interface description (non-MCS).
#ifndef TETRAPYLON_SEL4_H
#define TETRAPYLON_SEL4_H

typedef unsigned long word_t;
typedef word_t cptr_t;

enum syscall_number {
    sys_call = -1,
    sys_reply_recv = -2,
    sys_send = -3,
    sys_nb_send = -4,
    sys_recv = -5,
    sys_reply = -6,
    sys_yield = -7,
    sys_nb_recv = -8,
    sys_debug_put_char = -9,
    sys_debug_halt = -11,
    sys_debug_cap_identify = -12,
    sys_debug_snapshot = -13,
    sys_debug_thread_affinity = -16,
};

enum root_slot {
    cap_null,
    cap_tcb,
    cap_cnode,
    cap_vspace,
    cap_irq_control,
    cap_asid_control,
    cap_asid_pool,
    cap_domain = 11
};

enum object_type { object_untyped, object_tcb, object_endpoint, object_notification, object_cap_table };

enum label {
    untyped_retype = 1,
    tcb_read_registers,
    tcb_write_registers,
    tcb_copy_registers,
    tcb_configure,
    tcb_set_priority,
    tcb_set_mc_priority,
    tcb_set_sched_params,
    tcb_set_ipc_buffer,
    tcb_set_space,
    tcb_suspend,
    tcb_resume,
    tcb_bind_notification,
    tcb_unbind_notification,
#ifdef SEL4_SMP // the program is for a kernel with SMP support: smp_*.c
    tcb_set_affinity,
#endif
    tcb_set_tls_base,
    tcb_set_flags,
    cnode_revoke,
    cnode_delete,
    cnode_cancel_badged_sends,
    cnode_copy,
    cnode_mint,
    cnode_move,
    cnode_mutate,
    cnode_rotate,
    cnode_save_caller,
    issue_handler,
    interrupt_ack,
    interrupt_set,
    interrupt_clear,
    domain_set,
    domain_schedule_configure,
    domain_schedule_set_start,
    first_of_isa,
};

enum error {
    no_error,
    invalid_argument,
    invalid_capability,
    illegal_operation,
    range_error,
    alignment_error,
    failed_lookup,
    truncated_message,
    delete_first,
    revoke_first,
    not_enough_memory,
};

enum right { right_write = 1, right_read = 2, right_grant = 4, right_grant_reply = 8, all_rights = 15 };

struct region {
    word_t start, end;
};
struct untyped {
    word_t physical;
    unsigned char size_bits, is_device, padding[6];
};
struct boot_info {
    word_t extra_bytes, node, nodes, io_levels;
    word_t* ipc_buffer;
    struct region empty, shared, image, tables, io_space, extra;
    word_t cnode_bits, domain;
    struct region untyped;
    struct untyped untyped_list[230];
};

// The IPC buffer, in words.
enum { buffer_message = 1, buffer_caps = 122, buffer_receive_cnode = 125, buffer_receive_index, buffer_receive_depth };

// One trap: registers in and out.
struct registers {
    word_t cap, info, words[4]; // cap: the badge on the way back
};
static inline word_t message_info(word_t label, word_t extra, word_t length) {
    return label << 12 | extra << 7 | length;
}

static inline void trap(long number, struct registers* r) {
#if defined(__aarch64__)
    register word_t x0 __asm__("x0") = r->cap;
    register word_t x1 __asm__("x1") = r->info;
    register word_t x2 __asm__("x2") = r->words[0];
    register word_t x3 __asm__("x3") = r->words[1];
    register word_t x4 __asm__("x4") = r->words[2];
    register word_t x5 __asm__("x5") = r->words[3];
    register long x7 __asm__("x7") = number;
    __asm__ volatile("svc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5) : "r"(x7) : "memory");
    *r = (struct registers){x0, x1, {x2, x3, x4, x5}};
#elif defined(__riscv)
    register word_t a0 __asm__("a0") = r->cap;
    register word_t a1 __asm__("a1") = r->info;
    register word_t a2 __asm__("a2") = r->words[0];
    register word_t a3 __asm__("a3") = r->words[1];
    register word_t a4 __asm__("a4") = r->words[2];
    register word_t a5 __asm__("a5") = r->words[3];
    register long a7 __asm__("a7") = number;
    __asm__ volatile("ecall" : "+r"(a0), "+r"(a1), "+r"(a2), "+r"(a3), "+r"(a4), "+r"(a5) : "r"(a7) : "memory");
    *r = (struct registers){a0, a1, {a2, a3, a4, a5}};
#else
    word_t cap = r->cap, info = r->info;
    register word_t r10 __asm__("r10") = r->words[0];
    register word_t r8 __asm__("r8") = r->words[1];
    register word_t r9 __asm__("r9") = r->words[2];
    register word_t r15 __asm__("r15") = r->words[3];
    // seL4's kernel does not keep the stack pointer: libsel4 has it in rbx meanwhile.
    __asm__ volatile("mov %%rsp, %%rbx; syscall; mov %%rbx, %%rsp"
                     : "+D"(cap), "+S"(info), "+r"(r10), "+r"(r8), "+r"(r9), "+r"(r15)
                     : "d"(number)
                     : "rbx", "rcx", "r11", "memory");
    *r = (struct registers){cap, info, {r10, r8, r9, r15}};
#endif
}

// Given by start.c.
extern struct boot_info* boot_info;
int main(void);
void print(const char* text);
void print_number(word_t number);
/// Ends the system.
_Noreturn void halt(void);
/// "ok NAME" or "FAILED NAME: got, wanted".
void check(const char* name, word_t got, word_t wanted);

/// An invocation with `length` message words and `extra` capabilities; returns the label of the reply (an error code).
word_t invoke(cptr_t cap, word_t label, unsigned length, const word_t* words, unsigned extra, const cptr_t* caps);
/// The next free slot of the root CNode.
cptr_t new_slot(void);
/// Makes an object in a new slot, out of the first untyped memory that has room; 0: none has.
cptr_t make_object(word_t type, word_t size_bits);
/// Into a new slot; `badge` 0: an unbadged copy. Returns 0 when it failed.
cptr_t mint(cptr_t from, word_t rights, word_t badge);
word_t retype(cptr_t untyped, word_t type, word_t size_bits, cptr_t slot, word_t count);
word_t delete_cap(cptr_t slot);
word_t revoke_cap(cptr_t slot);
/// Maps into the own VSpace, with the tables that are missing on the way. `attributes`: isa.h.
word_t map_page(cptr_t frame, word_t address, word_t rights, word_t attributes);
/// A thread in the same address space and CSpace, running entry(argument) at `priority`. Returns its TCB. The
/// seventeenth gets the first one's stack, which must have ended by then.
cptr_t make_thread(void (*entry)(word_t), word_t argument, word_t priority, cptr_t fault_handler);

#endif
