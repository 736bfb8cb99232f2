#include "isa.h"

struct boot_info* boot_info;
static cptr_t next_slot;

_Alignas(16) char start_stack[16384];
void start_main(struct boot_info* info);

// Says whose program this is.
#define NOTE(type) ".balign 4\n.long 5, 0, " #type "\n.asciz \"seL4\"\n.balign 4\n"
#ifdef SEL4_SMP
#define NOTES NOTE(1) NOTE(2)
#else
#define NOTES NOTE(1)
#endif
__asm__(".pushsection .note.seL4, \"a\", %note\n" NOTES ".popsection\n");

// The kernel starts the root task without a stack.
#if defined(__aarch64__)
__asm__(".global _start\n_start: adrp x1, start_stack + 16384\n add x1, x1, :lo12:start_stack + 16384\n mov sp, x1\n b "
        "start_main\n");
#elif defined(__riscv)
__asm__(".option push\n.option norelax\n.global _start\n_start: la gp, __global_pointer$\n.option pop\n la sp, "
        "start_stack + 16384\n j start_main\n");
#else
__asm__(".global _start\n_start: lea start_stack + 16384(%rip), %rsp\n xor %ebp, %ebp\n call start_main\n");
#endif

void start_main(struct boot_info* info) {
    boot_info = info;
    next_slot = info->empty.start;
    main();
    halt();
}

void print(const char* text) {
    for (; *text; ++text) {
        struct registers r = {(word_t)(unsigned char)*text, 0, {0}};
        trap(sys_debug_put_char, &r);
    }
}

void print_number(word_t number) {
    char text[21];
    char* at = text + sizeof(text) - 1;
    *at = 0;
    do
        *--at = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    print(at);
}

void halt(void) {
    struct registers r = {0};
    trap(sys_debug_halt, &r);
    for (;;)
        trap(sys_yield, &r);
}

void check(const char* name, word_t got, word_t wanted) {
    if (got == wanted) {
        print("ok ");
        print(name);
    } else {
        print("FAILED ");
        print(name);
        print(": got ");
        print_number(got);
        print(", wanted ");
        print_number(wanted);
    }
    print("\n");
}

word_t invoke(cptr_t cap, word_t label, unsigned length, const word_t* words, unsigned extra, const cptr_t* caps) {
    word_t* const buffer = boot_info->ipc_buffer;
    struct registers r = {cap, message_info(label, extra, length), {0}};
    for (unsigned i = 0; i < length; ++i)
        if (i < 4)
            r.words[i] = words[i];
        else
            buffer[buffer_message + i] = words[i];
    for (unsigned i = 0; i < extra; ++i)
        buffer[buffer_caps + i] = caps[i];
    trap(sys_call, &r);
    for (unsigned i = 0; i < 4; ++i)
        buffer[buffer_message + i] = r.words[i];
    return r.info >> 12;
}

cptr_t new_slot(void) {
    return next_slot++;
}

word_t retype(cptr_t untyped, word_t type, word_t size_bits, cptr_t slot, word_t count) {
    const word_t words[] = {type, size_bits, 0, 0, slot, count};
    const cptr_t caps[] = {cap_cnode};
    return invoke(untyped, untyped_retype, 6, words, 1, caps);
}

cptr_t make_object(word_t type, word_t size_bits) {
    const cptr_t slot = new_slot();
    for (word_t i = 0; i < boot_info->untyped.end - boot_info->untyped.start; ++i)
        if (!boot_info->untyped_list[i].is_device
            && retype(boot_info->untyped.start + i, type, size_bits, slot, 1) == no_error)
            return slot;
    return 0;
}

cptr_t mint(cptr_t from, word_t rights, word_t badge) {
    const cptr_t slot = new_slot();
    const word_t words[] = {slot, 64, from, 64, rights, badge};
    const cptr_t caps[] = {cap_cnode};
    return invoke(cap_cnode, badge ? cnode_mint : cnode_copy, badge ? 6 : 5, words, 1, caps) == no_error ? slot : 0;
}

word_t delete_cap(cptr_t slot) {
    const word_t words[] = {slot, 64};
    return invoke(cap_cnode, cnode_delete, 2, words, 0, 0);
}

word_t revoke_cap(cptr_t slot) {
    const word_t words[] = {slot, 64};
    return invoke(cap_cnode, cnode_revoke, 2, words, 0, 0);
}

static word_t map_table(word_t type, word_t label, word_t address) {
    const word_t words[] = {address, attribute_plain};
    const cptr_t space = cap_vspace;
    return invoke(make_object(type, 0), label, 2, words, 1, &space);
}

static void make_one_table(word_t address) {
#if defined(__x86_64__)
    if (map_table(type_table, table_map, address) != failed_lookup)
        return;
    if (map_table(type_directory, directory_map, address) == failed_lookup)
        map_table(type_pdpt, pdpt_map, address);
#else
    map_table(type_table, table_map, address);
#endif
}

word_t map_page(cptr_t frame, word_t address, word_t rights, word_t attributes) {
    const word_t words[] = {address, rights, attributes};
    const cptr_t space = cap_vspace;
    word_t error = failed_lookup;
    for (unsigned tries = 0; tries < 4 && error == failed_lookup; ++tries) {
        error = invoke(frame, page_map, 3, words, 1, &space);
        if (error == failed_lookup)
            make_one_table(address);
    }
    return error;
}

// Where things stand in seL4_UserContext, and what a call would have put on the stack.
#if defined(__aarch64__)
enum { context_pc = 0, context_sp = 1, context_argument = 3, context_words = 36, context_return = 0 };
#elif defined(__riscv)
enum { context_pc = 0, context_sp = 2, context_argument = 16, context_words = 32, context_return = 0 };
#else
enum { context_pc = 0, context_sp = 1, context_argument = 8, context_words = 20, context_return = 8 };
#endif

cptr_t make_thread(void (*entry)(word_t), word_t argument, word_t priority, cptr_t fault_handler) {
    enum { threads = 16, stack_bytes = 8192 };
    _Alignas(16) static char stacks[threads][stack_bytes];
    static unsigned used;
    const cptr_t tcb = make_object(object_tcb, 0);
    if (!tcb)
        return 0;
    const word_t space[] = {fault_handler, 0, 0};
    const cptr_t roots[] = {cap_cnode, cap_vspace};
    if (invoke(tcb, tcb_set_space, 3, space, 2, roots) != no_error)
        return 0;
    const word_t priorities[] = {priority};
    const cptr_t authority[] = {cap_tcb};
    if (invoke(tcb, tcb_set_priority, 1, priorities, 1, authority) != no_error)
        return 0;
    word_t context[2 + context_words] = {1, context_argument + 1}; // resume
    context[2 + context_pc] = (word_t)entry;
    context[2 + context_sp] = (word_t)stacks[used++ % threads] + stack_bytes - context_return;
    context[2 + context_argument] = argument;
    return invoke(tcb, tcb_write_registers, 2 + context_argument + 1, context, 0, 0) == no_error ? tcb : 0;
}

// What the compiler calls for structures.
void* memset(void* to, int value, word_t bytes);
void* memset(void* to, int value, word_t bytes) {
    for (word_t i = 0; i < bytes; ++i)
        ((unsigned char*)to)[i] = (unsigned char)value;
    return to;
}
void* memcpy(void* to, const void* from, word_t bytes);
void* memcpy(void* to, const void* from, word_t bytes) {
    for (word_t i = 0; i < bytes; ++i)
        ((unsigned char*)to)[i] = ((const unsigned char*)from)[i];
    return to;
}
