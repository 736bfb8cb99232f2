// What a handler sees of the interrupted program, and that the program gets every register back: integers, flags,
// floating point and SIMD; also the addresses and codes of faults.
#include "check.h"

#include <fenv.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>

static volatile sig_atomic_t handled;
static siginfo_t fault;
static sigjmp_buf escape;
static char* page;

static void handle_info(int signal, void (*handler)(int, siginfo_t*, void*)) {
    struct sigaction action = {.sa_flags = SA_SIGINFO};
    action.sa_sigaction = handler;
    CHECK_EQUAL(sigaction(signal, &action, NULL), 0);
}

// Spoils every register that a handler may spoil.
static void spoil_registers(void) {
    handled++;
#if defined(__aarch64__)
    asm volatile(
        "movi v0.16b, #0x11; movi v1.16b, #0x22; movi v7.16b, #0x33; movi v16.16b, #0x44; movi v31.16b, #0x55\n"
        "mov x9, #-1; mov x10, #-2; mov x11, #-3; mov x15, #-4; cmp x9, x10"
        :
        :
        : "v0", "v1", "v7", "v16", "v31", "x9", "x10", "x11", "x15", "cc");
#elif defined(__riscv)
    asm volatile(
        "fcvt.d.l ft0, zero; fcvt.d.l fa0, zero; fcvt.d.l ft11, zero; li t0, -1; li t1, -2; li t6, -3; li a7, -4"
        :
        :
        : "ft0", "fa0", "ft11", "t0", "t1", "t6", "a7");
#elif defined(__x86_64__)
    asm volatile("pcmpeqd %%xmm0, %%xmm0; pcmpeqd %%xmm7, %%xmm7; pcmpeqd %%xmm15, %%xmm15\n"
                 "mov $-1, %%rcx; mov $-2, %%r8; mov $-3, %%r11; stc; std; cld; xor %%edx, %%edx"
                 :
                 :
                 : "xmm0", "xmm7", "xmm15", "rcx", "r8", "r11", "rdx", "cc");
#endif
    fesetround(FE_DOWNWARD);
}

static void on_spoil(int signal, siginfo_t* info, void* context) {
    (void)signal, (void)info, (void)context;
    spoil_registers();
}

// The call `kill(getpid(), SIGUSR1)` with a known value in each register around it; the handler runs before the next
// instruction. Answers how many registers differ afterwards.
static long registers_changed(void) {
    long changed = 0;
#if defined(__aarch64__)
    static uint64_t in[64], out[64];
    for (int i = 0; i < 64; i++)
        in[i] = 0x0102030405060708u * (uint64_t)(i + 1);
    uint64_t flags = 0;
    asm volatile(
        "mov x19, %[in]\n mov x20, %[out]\n mov x0, %[pid]\n mov x1, %[signal]\n mov x8, %[kill]\n"
        "ld1 {v0.2d-v3.2d}, [x19], #64\n ld1 {v16.2d-v19.2d}, [x19], #64\n ld1 {v28.2d-v31.2d}, [x19], #64\n"
        "ldp x2, x3, [x19], #16\n ldp x9, x10, [x19], #16\n ldp x16, x17, [x19], #16\n ldp x11, x15, [x19], #16\n"
        "cmp x8, #4095\n" // N set, C and Z clear
        "svc #0\n"
        "mrs %[flags], nzcv\n"
        "st1 {v0.2d-v3.2d}, [x20], #64\n st1 {v16.2d-v19.2d}, [x20], #64\n st1 {v28.2d-v31.2d}, [x20], #64\n"
        "stp x2, x3, [x20], #16\n stp x9, x10, [x20], #16\n stp x16, x17, [x20], #16\n stp x11, x15, [x20], #16\n"
        : [flags] "=&r"(flags)
        :
        [in] "r"(in), [out] "r"(out), [pid] "r"((long)getpid()), [signal] "r"((long)SIGUSR1), [kill] "r"((long)SYS_kill)
        : "memory", "cc", "x0", "x1", "x2", "x3", "x8", "x9", "x10", "x11", "x15", "x16", "x17", "x19", "x20", "v0",
          "v1", "v2", "v3", "v16", "v17", "v18", "v19", "v28", "v29", "v30", "v31");
    for (int i = 0; i < 32; i++)
        changed += in[i] != out[i];
    changed += flags != 0x80000000u;
#elif defined(__riscv)
    static uint64_t in[32], out[32];
    for (int i = 0; i < 32; i++)
        in[i] = 0x0102030405060708u * (uint64_t)(i + 1);
    asm volatile(
        "mv s2, %[in]\n mv s3, %[out]\n mv a0, %[pid]\n mv a1, %[signal]\n mv a7, %[kill]\n"
        "fld ft0, 0(s2)\n fld ft7, 8(s2)\n fld fa0, 16(s2)\n fld fa7, 24(s2)\n fld fs0, 32(s2)\n fld fs11, 40(s2)\n"
        "fld ft11, 48(s2)\n ld t0, 56(s2)\n ld t1, 64(s2)\n ld t6, 72(s2)\n ld a2, 80(s2)\n ld a6, 88(s2)\n"
        "ld ra, 96(s2)\n ld s4, 104(s2)\n ld s11, 112(s2)\n"
        "ecall\n"
        "fsd ft0, 0(s3)\n fsd ft7, 8(s3)\n fsd fa0, 16(s3)\n fsd fa7, 24(s3)\n fsd fs0, 32(s3)\n fsd fs11, 40(s3)\n"
        "fsd ft11, 48(s3)\n sd t0, 56(s3)\n sd t1, 64(s3)\n sd t6, 72(s3)\n sd a2, 80(s3)\n sd a6, 88(s3)\n"
        "sd ra, 96(s3)\n sd s4, 104(s3)\n sd s11, 112(s3)\n"
        :
        :
        [in] "r"(in), [out] "r"(out), [pid] "r"((long)getpid()), [signal] "r"((long)SIGUSR1), [kill] "r"((long)SYS_kill)
        : "memory", "a0", "a1", "a2", "a6", "a7", "t0", "t1", "t6", "ra", "s2", "s3", "s4", "s11", "ft0", "ft7", "fa0",
          "fa7", "fs0", "fs11", "ft11");
    for (int i = 0; i < 15; i++)
        changed += in[i] != out[i];
#elif defined(__x86_64__)
    static uint64_t in[64] __attribute__((aligned(16))), out[64] __attribute__((aligned(16)));
    for (int i = 0; i < 64; i++)
        in[i] = 0x0102030405060708u * (uint64_t)(i + 1);
    uint64_t flags = 0;
    register long r10 asm("r10") = (long)in;
    register long r9 asm("r9") = (long)out;
    long result = SYS_kill;
    asm volatile(
        "movdqa (%%r10), %%xmm0\n movdqa 16(%%r10), %%xmm7\n movdqa 32(%%r10), %%xmm8\n movdqa 48(%%r10), %%xmm15\n"
        "mov 64(%%r10), %%rdx\n mov 72(%%r10), %%r8\n mov 80(%%r10), %%r12\n mov 88(%%r10), %%r15\n"
        "cmp $0, %%eax\n stc\n std\n" // carry and direction set
        "syscall\n"
        "pushf\n pop %[flags]\n cld\n"
        "movdqa %%xmm0, (%%r9)\n movdqa %%xmm7, 16(%%r9)\n movdqa %%xmm8, 32(%%r9)\n movdqa %%xmm15, 48(%%r9)\n"
        "mov %%rdx, 64(%%r9)\n mov %%r8, 72(%%r9)\n mov %%r12, 80(%%r9)\n mov %%r15, 88(%%r9)\n"
        : [flags] "=&r"(flags), "+a"(result)
        : "r"(r10), "r"(r9), "D"((long)getpid()), "S"((long)SIGUSR1)
        : "memory", "cc", "rcx", "rdx", "r8", "r11", "r12", "r15", "xmm0", "xmm7", "xmm8", "xmm15");
    for (int i = 0; i < 12; i++)
        changed += in[i] != out[i];
    changed += (flags & 0x401) != 0x401;
#endif
    return changed;
}

static void registers_kept(void) {
    handle_info(SIGUSR1, on_spoil);
    CHECK_EQUAL(registers_changed(), 0);
    CHECK_EQUAL(handled, 1);
}

static void rounding_mode_kept(void) {
    handle_info(SIGUSR1, on_spoil);
    fesetround(FE_UPWARD);
    CHECK_EQUAL(kill(getpid(), SIGUSR1), 0);
    CHECK_EQUAL(handled, 1);
    CHECK_EQUAL(fegetround(), FE_UPWARD);
}

// A handler that runs while a loop computes must not change the sum.
static void asynchronous(void) {
    handle_info(SIGUSR1, on_spoil);
    pid_t parent = getpid(), child = fork();
    if (child == 0)
        for (;;) {
            pause_ms(2);
            kill(parent, SIGUSR1);
        }
    while (handled < 40) {
        double sum = 0;
        uint64_t hash = 7;
        for (int i = 1; i <= 10000; i++) {
            sum += 1.0 / (double)i;
            hash = hash * 6364136223846793005u + (uint64_t)i;
        }
        CHECK(sum > 9.787606036044 && sum < 9.787606036045);
        CHECK(hash != 0);
        CHECK_EQUAL(fegetround(), FE_TONEAREST);
    }
    kill(child, SIGKILL);
    wait_status(child);
}

static void on_fault(int signal, siginfo_t* info, void* context) {
    (void)signal, (void)context;
    fault = *info;
    siglongjmp(escape, 1);
}

static void expect_fault(volatile char* address, bool write, int signal, int code) {
    handle_info(signal, on_fault);
    if (sigsetjmp(escape, 1) == 0) {
        if (write)
            *address = 1;
        else
            (void)*address;
        fail(__FILE__, __LINE__, "no fault at %p", (void*)address);
    }
    CHECK_EQUAL(fault.si_signo, signal);
    CHECK_EQUAL(fault.si_code, code);
    CHECK(fault.si_addr == (void*)address);
}

static void fault_addresses(void) {
    expect_fault((char*)8, false, SIGSEGV, SEGV_MAPERR);
    expect_fault((char*)8, true, SIGSEGV, SEGV_MAPERR);
    page = mmap(NULL, 3 * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    expect_fault(page + 5, true, SIGSEGV, SEGV_ACCERR);
    CHECK_EQUAL(mprotect(page + 4096, 4096, PROT_NONE), 0);
    expect_fault(page + 4096 + 17, false, SIGSEGV, SEGV_ACCERR);
    CHECK_EQUAL(munmap(page + 8192, 4096), 0);
    expect_fault(page + 8192 + 99, false, SIGSEGV, SEGV_MAPERR);
}

static void beyond_file_is_sigbus(void) {
    int fd = file_with("short", "abc");
    char* map = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, fd, 0);
    CHECK(map != MAP_FAILED);
    CHECK_EQUAL(map[2], 'c');
    CHECK_EQUAL(map[3], 0);
    expect_fault(map + 4096, false, SIGBUS, BUS_ADRERR);
}

static void execute_data(void) {
    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    handle_info(SIGSEGV, on_fault);
    if (sigsetjmp(escape, 1) == 0) {
        ((void (*)(void))(uintptr_t)page)();
        fail(__FILE__, __LINE__, "a page without the right to execute ran");
    }
    CHECK(fault.si_addr == page);
    CHECK_EQUAL(fault.si_code, SEGV_ACCERR);
}

static void illegal_instruction(void) {
    handle_info(SIGILL, on_fault);
    if (sigsetjmp(escape, 1) == 0) {
#if defined(__aarch64__)
        asm volatile("udf #0");
#elif defined(__riscv)
        asm volatile("unimp");
#else
        asm volatile("ud2");
#endif
    }
    CHECK_EQUAL(fault.si_signo, SIGILL);
}

static void breakpoint(void) {
    handle_info(SIGTRAP, on_fault);
    if (sigsetjmp(escape, 1) == 0) {
#if defined(__aarch64__)
        asm volatile("brk #1");
#elif defined(__riscv)
        asm volatile("ebreak");
#else
        asm volatile("int3");
#endif
    }
    CHECK_EQUAL(fault.si_signo, SIGTRAP);
}

static void division(void) {
#if defined(__x86_64__)
    handle_info(SIGFPE, on_fault);
    if (sigsetjmp(escape, 1) == 0)
        asm volatile("xor %%edx, %%edx; xor %%ecx, %%ecx; mov $1, %%eax; div %%ecx" : : : "rax", "rcx", "rdx", "cc");
    CHECK_EQUAL(fault.si_signo, SIGFPE);
    CHECK_EQUAL(fault.si_code, FPE_INTDIV);
#endif
}

// A fault whose signal is blocked or ignored cannot be waited for: it kills.
static void blocked_fault_kills(void) {
    for (int ignored = 0; ignored < 2; ignored++) {
        pid_t child = fork();
        if (child == 0) {
            sigset_t set;
            sigemptyset(&set);
            sigaddset(&set, SIGSEGV);
            if (ignored)
                signal(SIGSEGV, SIG_IGN);
            else
                sigprocmask(SIG_BLOCK, &set, NULL);
            *(volatile int*)8 = 1;
            _exit(0);
        }
        CHECK_EQUAL(wait_status(child) & 0x7f, SIGSEGV);
    }
}

// A handler on a stack that is gone: the program dies of SIGSEGV, and the kernel lives.
static void no_stack_for_handler(void) {
    pid_t child = fork();
    if (child == 0) {
        handle_info(SIGUSR1, on_spoil);
#if defined(__aarch64__)
        asm volatile("mov sp, %0; mov x8, %1; mov x0, %2; mov x1, %3; svc #0"
                     :
                     : "r"(4096L), "i"(SYS_kill), "r"((long)getpid()), "i"(SIGUSR1)
                     : "x8", "x0", "x1");
#elif defined(__riscv)
        asm volatile("mv a0, %2; mv sp, %0; li a7, %1; li a1, %3; ecall"
                     :
                     : "r"(4096L), "i"(SYS_kill), "r"((long)getpid()), "i"(SIGUSR1)
                     : "a7", "a0", "a1");
#else
        asm volatile("mov %0, %%rsp; syscall"
                     :
                     : "r"(4096L), "a"((long)SYS_kill), "D"((long)getpid()), "S"((long)SIGUSR1)
                     : "rcx", "r11");
#endif
        _exit(0);
    }
    CHECK_EQUAL(wait_status(child) & 0x7f, SIGSEGV);
}

static unsigned long program_counter(const ucontext_t* context) {
#if defined(__aarch64__)
    return context->uc_mcontext.pc;
#elif defined(__riscv)
    return context->uc_mcontext.__gregs[REG_PC];
#else
    return (unsigned long)context->uc_mcontext.gregs[REG_RIP];
#endif
}

static void set_program_counter(ucontext_t* context, unsigned long pc) {
#if defined(__aarch64__)
    context->uc_mcontext.pc = pc;
#elif defined(__riscv)
    context->uc_mcontext.__gregs[REG_PC] = pc;
#else
    context->uc_mcontext.gregs[REG_RIP] = (long long)pc;
#endif
}

extern char after_fault[], at_fault[];

static void step_over(int signal, siginfo_t* info, void* raw) {
    (void)signal, (void)info;
    ucontext_t* context = raw;
    CHECK_EQUAL(program_counter(context), (unsigned long)at_fault);
    CHECK_EQUAL(sigismember(&context->uc_sigmask, SIGUSR2), 1);
    sigaddset(&context->uc_sigmask, SIGUSR1); // takes effect at the return
    set_program_counter(context, (unsigned long)after_fault);
    handled++;
}

// The handler changes where the program goes on, and its mask.
static void context_is_used(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_SETMASK, &set, NULL);
    handle_info(SIGSEGV, step_over);
#if defined(__aarch64__)
    asm volatile("mov x9, #8\n.globl at_fault\nat_fault: str x9, [x9]\n brk #7\n.globl after_fault\nafter_fault:" ::
                     : "x9", "memory");
#elif defined(__riscv)
    asm volatile("li t0, 8\n.globl at_fault\nat_fault: sd t0, 0(t0)\n unimp\n.globl after_fault\nafter_fault:" ::
                     : "t0", "memory");
#else
    asm volatile(
        "mov $8, %%ecx\n.globl at_fault\nat_fault: mov %%rcx, (%%rcx)\n ud2\n.globl after_fault\nafter_fault:" ::
            : "rcx", "memory");
#endif
    CHECK_EQUAL(handled, 1);
    sigprocmask(SIG_BLOCK, NULL, &set);
    CHECK_EQUAL(sigismember(&set, SIGUSR1), 1);
    CHECK_EQUAL(sigismember(&set, SIGSEGV), 0);
}

static const struct test tests[] = {
    TEST(registers_kept),
    TEST(rounding_mode_kept),
    TEST(asynchronous),
    TEST(fault_addresses),
    TEST(beyond_file_is_sigbus),
    TEST(execute_data),
    TEST(illegal_instruction),
    TEST(breakpoint),
    TEST(division),
    TEST(blocked_fault_kills),
    TEST(no_stack_for_handler),
    TEST(context_is_used),
};

int main(int argc, char** argv) {
    return RUN_TESTS(tests, argc, argv);
}
