// bench-path: the calls whose exact path lengths are budgets, for a stepper on QEMU's gdb stub. No C library.
//
// Each operation is a function named path_NAME that holds nothing but its system call, so the trap instruction is
// easily found: break at path_NAME, step to the trap, count until the program counter is back in user mode. Every
// operation is done `warm_turns` times first; the stepper takes any turn after bench_begin has been passed, and the
// program goes round until bench_end, `timed_turns` later.
#include "raw.h"

#include <asm/unistd.h>
#include <linux/fcntl.h>

enum { warm_turns = 16, timed_turns = 16 };

#define LABELLED __attribute__((noinline, used))

static long zero_fd, null_fd;
static char buffer[64];

LABELLED void bench_begin(void) {
    asm volatile("" ::: "memory");
}
LABELLED void bench_end(void) {
    asm volatile("" ::: "memory");
}

LABELLED long path_getppid(void) {
    return raw_call(__NR_getppid, 0, 0, 0, 0, 0, 0);
}
LABELLED long path_read_zero(void) {
    return raw_call(__NR_read, zero_fd, (long)buffer, 1, 0, 0, 0);
}
LABELLED long path_write_null(void) {
    return raw_call(__NR_write, null_fd, (long)buffer, 1, 0, 0, 0);
}
LABELLED long path_bad_number(void) {
    return raw_call(1000, 0, 0, 0, 0, 0, 0);
}
LABELLED long path_close_bad(void) {
    return raw_call(__NR_close, 1000, 0, 0, 0, 0, 0);
}
LABELLED long path_sched_yield(void) {
    return raw_call(__NR_sched_yield, 0, 0, 0, 0, 0, 0);
}

static void all_paths(int turns) {
    for (int i = 0; i < turns; i++) {
        path_getppid();
        path_read_zero();
        path_write_null();
        path_bad_number();
        path_close_bad();
        path_sched_yield();
    }
}

_Noreturn __attribute__((used)) void path_main(void) {
    zero_fd = raw_call(__NR_openat, AT_FDCWD, (long)"/dev/zero", O_RDONLY, 0, 0, 0);
    null_fd = raw_call(__NR_openat, AT_FDCWD, (long)"/dev/null", O_WRONLY, 0, 0, 0);
    all_paths(warm_turns);
    bench_begin();
    all_paths(timed_turns);
    bench_end();
    raw_call(__NR_exit_group, zero_fd < 0 || null_fd < 0, 0, 0, 0, 0, 0);
    __builtin_unreachable();
}

// The stack pointer is aligned at the start, but x86_64 wants it as after a call.
#if defined(__x86_64__)
asm(".globl _start\n_start: xor %ebp, %ebp\n call path_main\n");
#elif defined(__riscv)
asm(".globl _start\n_start: .option push\n .option norelax\n la gp, __global_pointer$\n .option pop\n call "
    "path_main\n");
#else
asm(".globl _start\n_start: mov x29, #0\n bl path_main\n");
#endif
