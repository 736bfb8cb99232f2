// Tables of invocations with what each must be answered. A line of output names the method and the error by number, so
// that what a run covers can be counted (tests/system/sel4_methods.py).
#ifndef TETRAPYLON_SEL4_ATTEMPT_H
#define TETRAPYLON_SEL4_ATTEMPT_H

#include "isa.h"

struct attempt {
    const char* what;
    cptr_t cap;
    unsigned label;
    enum error error;
    unsigned length, extra, answers;
    word_t words[8];
    cptr_t caps[3];
    word_t answer[4]; // the first words of the reply
};
#define WORDS(...) .length = sizeof((word_t[]){__VA_ARGS__}) / sizeof(word_t), .words = {__VA_ARGS__}
#define CAPS(...) .extra = sizeof((cptr_t[]){__VA_ARGS__}) / sizeof(cptr_t), .caps = {__VA_ARGS__}
#define ANSWER(...) .answers = sizeof((word_t[]){__VA_ARGS__}) / sizeof(word_t), .answer = {__VA_ARGS__}

static inline void attempt_all(const struct attempt* attempts, unsigned count) {
    for (const struct attempt* a = attempts; a < attempts + count; ++a) {
        const word_t error = invoke(a->cap, a->label, a->length, a->words, a->extra, a->caps);
        const word_t* const answer = boot_info->ipc_buffer + buffer_message;
        unsigned wrong = 0;
        while (wrong < a->answers && answer[wrong] == a->answer[wrong])
            ++wrong;
        print(error == a->error && wrong == a->answers ? "ok method " : "FAILED method ");
        print_number(a->label);
        print(" error ");
        print_number(a->error);
        print(": ");
        print(a->what);
        if (error != a->error) {
            print(": got ");
            print_number(error);
        } else if (wrong < a->answers) {
            print(": word ");
            print_number(wrong);
            print(" is ");
            print_number(answer[wrong]);
        }
        print("\n");
    }
}
#define ATTEMPT(...)                                                                                                   \
    attempt_all(                                                                                                       \
        (const struct attempt[]){__VA_ARGS__}, sizeof((const struct attempt[]){__VA_ARGS__}) / sizeof(struct attempt))

// A trap without looking at what comes back, and one that hands back what it came with.
static inline void trap_plain(long number, cptr_t cap, word_t info) {
    struct registers r = {cap, info, {0}};
    trap(number, &r);
}
static inline struct registers receive(long number, cptr_t cap) {
    struct registers r = {cap, 0, {0}};
    trap(number, &r);
    return r;
}

static inline void set_own_priority(word_t priority) {
    const cptr_t own = cap_tcb;
    invoke(cap_tcb, tcb_set_priority, 1, &priority, 1, &own);
}

/// The boot information's untyped memory: the first that is (no) device memory and has at least this size.
static inline cptr_t given_untyped(int device, word_t size_bits) {
    for (word_t i = 0; i < boot_info->untyped.end - boot_info->untyped.start; ++i)
        if (boot_info->untyped_list[i].is_device == device && boot_info->untyped_list[i].size_bits >= size_bits)
            return boot_info->untyped.start + i;
    return 0;
}

/// A thread shares the root task's IPC buffer.
static inline word_t share_buffer(cptr_t thread) {
    enum { cap_ipc_buffer = 10 };
    const word_t address = (word_t)boot_info->ipc_buffer;
    const cptr_t buffer = cap_ipc_buffer;
    return invoke(thread, tcb_set_ipc_buffer, 1, &address, 1, &buffer);
}

#endif
