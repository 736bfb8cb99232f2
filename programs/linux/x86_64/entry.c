// The edges of the kernel's entry and exit code on x86_64: flags, stacks, program counters and segment bases that a
// program may have when it traps or wants to return to.
#include "../check.h"

#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>

#define FLAG_TRAP 0x100UL
#define FLAG_DIRECTION 0x400UL
#define FLAG_NESTED_TASK 0x4000UL
#define FLAG_ALIGNMENT 0x40000UL
#define FLAG_IDENTIFICATION 0x200000UL

static volatile sig_atomic_t traps;
static volatile unsigned long wanted_pc;
static siginfo_t fault;
static sigjmp_buf escape;
static char alternate[65536];

static void handle(int signal, void (*handler)(int, siginfo_t*, void*), int flags) {
    struct sigaction action = {.sa_flags = SA_SIGINFO | flags};
    action.sa_sigaction = handler;
    CHECK_EQUAL(sigaction(signal, &action, NULL), 0);
}

static void use_alternate_stack(void) {
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof(alternate)};
    CHECK_EQUAL(sigaltstack(&stack, NULL), 0);
}

static void on_trap(int signal, siginfo_t* info, void* context) {
    (void)signal, (void)info, (void)context;
    traps++;
}

static void on_fault(int signal, siginfo_t* info, void* context) {
    (void)signal, (void)context;
    fault = *info;
    siglongjmp(escape, 1);
}

// Flags after getppid() with `set` on the way in; FLAG_TRAP is off again when it answers.
static unsigned long flags_after_call(unsigned long set) {
    unsigned long after, number = SYS_getppid;
    asm volatile("subq $256, %%rsp\n"
                 "pushfq\n orq %[set], (%%rsp)\n popfq\n"
                 "syscall\n"
                 "pushfq\n popq %[after]\n"
                 "pushq %[after]\n andq $~0x44500, (%%rsp)\n popfq\n"
                 "addq $256, %%rsp"
                 : [after] "=&r"(after), "+a"(number)
                 : [set] "r"(set)
                 : "rcx", "r11", "memory", "cc");
    CHECK_EQUAL(number, getppid());
    return after;
}

static void flags_survive_a_call(void) {
    const unsigned long each[] = {FLAG_DIRECTION, FLAG_NESTED_TASK, FLAG_ALIGNMENT, FLAG_IDENTIFICATION, 0x8d5};
    for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++)
        CHECK_EQUAL(flags_after_call(each[i]) & each[i], each[i]);
}

static void single_step_over_a_call(void) {
    handle(SIGTRAP, on_trap, 0);
    CHECK(flags_after_call(FLAG_TRAP) & FLAG_TRAP);
    CHECK(traps >= 3);
    int before = traps;
    getppid();
    CHECK_EQUAL(traps, before);
}

// mov to ss holds debug exceptions back until the instruction behind it has run, which is the system call.
static void single_step_behind_mov_ss(void) {
    handle(SIGTRAP, on_trap, 0);
    unsigned long number = SYS_getppid;
    asm volatile("subq $256, %%rsp\n"
                 "movl %%ss, %%edx\n"
                 "pushfq\n orq $0x100, (%%rsp)\n popfq\n"
                 "movl %%edx, %%ss\n"
                 "syscall\n"
                 "pushfq\n andq $~0x100, (%%rsp)\n popfq\n"
                 "addq $256, %%rsp"
                 : "+a"(number)
                 :
                 : "rcx", "rdx", "r11", "memory", "cc");
    CHECK_EQUAL(number, getppid());
    CHECK(traps >= 2);
}

static void go_to_wanted_pc(int signal, siginfo_t* info, void* context) {
    (void)signal, (void)info;
    ((ucontext_t*)context)->uc_mcontext.gregs[REG_RIP] = (long)wanted_pc;
}

static void return_to_impossible_pc(void) {
    use_alternate_stack();
    handle(SIGUSR1, go_to_wanted_pc, SA_ONSTACK);
    handle(SIGSEGV, on_fault, SA_ONSTACK);
    const unsigned long pcs[] = {
        0x800000000000UL,
        0x8000000000000000UL,
        0xffff7fffffffffffUL,
        0x7ffffffff000UL,
        0xffffffff80000000UL,
        0xffff800000000000UL,
        ~0UL};
    for (size_t i = 0; i < sizeof(pcs) / sizeof(pcs[0]); i++) {
        wanted_pc = pcs[i];
        fault.si_signo = 0;
        if (sigsetjmp(escape, 1) == 0)
            raise(SIGUSR1);
        CHECK_EQUAL(fault.si_signo, SIGSEGV);
    }
}

static void lose_the_stack(int signal, siginfo_t* info, void* context) {
    (void)signal, (void)info;
    ((ucontext_t*)context)->uc_mcontext.gregs[REG_RSP] = (long)0x8000000000000000UL;
}

static void return_to_impossible_stack(void) {
    use_alternate_stack();
    handle(SIGUSR1, lose_the_stack, SA_ONSTACK);
    handle(SIGSEGV, on_fault, SA_ONSTACK);
    handle(SIGBUS, on_fault, SA_ONSTACK);
    if (sigsetjmp(escape, 1) == 0)
        raise(SIGUSR1);
    CHECK(fault.si_signo == SIGSEGV || fault.si_signo == SIGBUS);
}

static void handler_at_impossible_address(void) {
    pid_t child = fork();
    if (child == 0) {
        struct sigaction action = {.sa_handler = (void (*)(int))0x800000000000UL};
        sigaction(SIGSEGV, &action, NULL);
        *(volatile int*)8 = 1;
        _exit(0);
    }
    int status = wait_status(child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

#define SIGNAL_OF(instruction)                                                                                         \
    ({                                                                                                                 \
        fault.si_signo = 0;                                                                                            \
        if (sigsetjmp(escape, 1) == 0)                                                                                 \
            asm volatile(instruction : : "a"(0), "c"(0), "d"(0) : "memory");                                           \
        fault.si_signo;                                                                                                \
    })

static void privileged_instructions_are_refused(void) {
    const int signals[] = {SIGSEGV, SIGILL, SIGTRAP, SIGFPE, SIGBUS};
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        handle(signals[i], on_fault, 0);
    CHECK_EQUAL(SIGNAL_OF("hlt"), SIGSEGV);
    CHECK_EQUAL(SIGNAL_OF("cli"), SIGSEGV);
    CHECK_EQUAL(SIGNAL_OF("sti"), SIGSEGV);
    CHECK_EQUAL(SIGNAL_OF("inb %%dx, %%al"), SIGSEGV);
    CHECK_EQUAL(SIGNAL_OF("outb %%al, %%dx"), SIGSEGV);
    CHECK_EQUAL(SIGNAL_OF("rdmsr"), SIGSEGV);
    CHECK_EQUAL(SIGNAL_OF("wrmsr"), SIGSEGV);
    CHECK_EQUAL(SIGNAL_OF("movq %%cr3, %%rax"), SIGSEGV);
    CHECK_EQUAL(SIGNAL_OF("clts"), SIGSEGV);
    CHECK_EQUAL(SIGNAL_OF("invlpg (%%rsp)"), SIGSEGV);
    CHECK_EQUAL(SIGNAL_OF("swapgs"), SIGSEGV);
    CHECK_EQUAL(SIGNAL_OF("sysretq"), SIGSEGV);
    CHECK_EQUAL(SIGNAL_OF("lgdt (%%rsp)"), SIGSEGV);
    CHECK_EQUAL(SIGNAL_OF("movl $0x10, %%eax; movl %%eax, %%ds"), SIGSEGV);
    CHECK_EQUAL(SIGNAL_OF("int $2"), SIGSEGV);
    CHECK_EQUAL(SIGNAL_OF("int $8"), SIGSEGV);
    CHECK_EQUAL(SIGNAL_OF("int $14"), SIGSEGV);
    CHECK_EQUAL(SIGNAL_OF("int $0xf1"), SIGSEGV);
    CHECK_EQUAL(SIGNAL_OF("int $4"), SIGSEGV);
    CHECK_EQUAL(SIGNAL_OF("int3"), SIGTRAP);
    CHECK_EQUAL(SIGNAL_OF("ud2"), SIGILL);
    CHECK_EQUAL(SIGNAL_OF("divl %%ecx"), SIGFPE);
    CHECK_EQUAL(SIGNAL_OF("movq $1, %%rax; rorq $1, %%rax; movb (%%rax), %%cl"), SIGSEGV);
}

// A base that looks like the kernel's must not confuse any way in.
static void bases_in_the_kernels_half(void) {
    const unsigned long hwcap2_fsgsbase = 2;
    if ((getauxval(AT_HWCAP2) & hwcap2_fsgsbase) == 0)
        return;
    handle(SIGSEGV, on_fault, 0);
    handle(SIGTRAP, on_trap, 0);
    const unsigned long bases[] = {0xffffffff80000000UL, 0xffff800000000000UL, 0x1000, 0};
    for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
        unsigned long after = 0;
        asm volatile("wrgsbase %0" : : "r"(bases[i]));
        CHECK_EQUAL(SIGNAL_OF("int3"), 0);
        CHECK_EQUAL(SIGNAL_OF("hlt"), SIGSEGV);
        flags_after_call(FLAG_TRAP);
        for (long end = now_ms() + 20; now_ms() < end;)
            ;
        pause_ms(1);
        asm volatile("rdgsbase %0" : "=r"(after));
        CHECK_EQUAL(after, bases[i]);
    }
    CHECK(traps > 0);
}

// A frame without the marks of an XSAVE area holds FXSAVE's part alone, and that part counts.
static void make_frame_old(int signal, siginfo_t* info, void* context) {
    (void)signal, (void)info;
    char* state = (char*)((ucontext_t*)context)->uc_mcontext.fpregs;
    const size_t xmm0 = 160, software_bytes = 464;
    memset(state + software_bytes, 0, 48);
    memset(state + xmm0, 0x5a, 16);
}

static void frame_of_fxsave_only(void) {
    handle(SIGUSR1, make_frame_old, 0);
    unsigned long number = SYS_kill, after;
    asm volatile("pxor %%xmm0, %%xmm0\n syscall\n movq %%xmm0, %[after]"
                 : [after] "=r"(after), "+a"(number)
                 : "D"((long)getpid()), "S"((long)SIGUSR1)
                 : "rcx", "r11", "xmm0", "memory");
    CHECK_EQUAL(number, 0);
    CHECK_EQUAL(after, 0x5a5a5a5a5a5a5a5aL);
}

int main(int argc, char** argv) {
    const struct test tests[] = {
        TEST(flags_survive_a_call),
        TEST(single_step_over_a_call),
        TEST(single_step_behind_mov_ss),
        TEST(return_to_impossible_pc),
        TEST(return_to_impossible_stack),
        TEST(handler_at_impossible_address),
        TEST(privileged_instructions_are_refused),
        TEST(bases_in_the_kernels_half),
        TEST(frame_of_fxsave_only),
    };
    return RUN_TESTS(tests, argc, argv);
}
