// Start of a program: the first register leads to the arguments, the third and fourth to the stack's end (5.0.x leaves
// the stack pointer unset).
#include "rtt.h"

#if defined(__aarch64__)
asm(".section .text.start, \"ax\"\n.global _start\n_start: mov sp, x3\n mov x29, #0\n mov x30, #0\n b rtt_start\n"
    ".previous");
#elif defined(__riscv)
asm(".section .text.start, \"ax\"\n.global _start\n_start: mv sp, a3\n li ra, 0\n tail rtt_start\n.previous");
#else
asm(".section .text.start, \"ax\"\n.global _start\n_start: mov %rdx, %rsp\n xor %ebp, %ebp\n"
    " movabs $rtt_start, %rax\n call *%rax\n.previous");
#endif

struct codes code = {
    .error = 255, .timeout = 110, .full = 28, .nomem = 12, .nosys = 38, .busy = 16, .intr = 4, .inval = 22};
int is_5_0;
int argument_count;
char** arguments;
char** environment;
static int failures;

__attribute__((used)) _Noreturn void rtt_start(u64* words) {
    argument_count = (int)words[0];
    arguments = (char**)(words + 1);
    environment = arguments + argument_count + 1;
    static char name[6][65];
    rt(nr_uname, name);
    if (same_text(name[2], "5.0.1")) {
        is_5_0 = 1;
        code = (struct codes){
            .error = 1, .timeout = 2, .full = 3, .nomem = 5, .nosys = 6, .busy = 7, .intr = 9, .inval = 10};
    }
    rtt_main();
    rt(nr_exit_group, failures != 0);
    __builtin_unreachable();
}

u64 length_of(const char* text) {
    u64 length = 0;
    while (text[length])
        length++;
    return length;
}

int same_text(const char* a, const char* b) {
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

__attribute__((used)) void* memset(void* to, int byte, u64 count) {
    volatile u8* at = to;
    while (count--)
        *at++ = (u8)byte;
    return to;
}

__attribute__((used)) void* memcpy(void* to, const void* from, u64 count) {
    volatile u8* at = to;
    const u8* source = from;
    while (count--)
        *at++ = *source++;
    return to;
}

void print(const char* text) {
    rt(nr_write, 1, text, length_of(text));
}

void print_number(long value) {
    char digits[24];
    int at = sizeof digits;
    digits[--at] = 0;
    u64 rest = value < 0 ? -(u64)value : (u64)value;
    do
        digits[--at] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0)
        digits[--at] = '-';
    print(digits + at);
}

void check_failed(const char* file, int line, const char* what, long value) {
    __atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED);
    print("FAILED ");
    print(file);
    print(":");
    print_number(line);
    print(": ");
    print(what);
    print(" (");
    print_number(value);
    print(")\n");
}

_Noreturn void finish(const char* name) {
    if (!failures) {
        print("ok ");
        print(name);
        print("\n");
    }
    rt(nr_exit_group, failures != 0);
    __builtin_unreachable();
}

handle make_thread(const char* name, void (*entry)(void*), void* parameter, u8 priority, u64 stack, u32 ticks) {
    u64 words[6] = {(u64)name, (u64)entry, (u64)parameter, stack, priority, ticks};
    return (handle)rt(nr_thread_create, words);
}

handle start_thread(const char* name, void (*entry)(void*), void* parameter, u8 priority) {
    handle thread = make_thread(name, entry, parameter, priority, 16384, 10);
    if (!thread || rt(nr_thread_startup, thread) != 0)
        return 0;
    return thread;
}
