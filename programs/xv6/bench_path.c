// benchpath: the calls whose exact path lengths are budgets, for a stepper on QEMU's gdb stub. `benchpath lives` says
// how many instructions a fork, exit and wait take. Each operation is a function path_NAME that holds nothing but its
// system call. As programs/linux/bench/path.c.
#include "xv6.h"

enum { WARM_TURNS = 8, TIMED_TURNS = 8 };
#define LABELLED __attribute__((noinline, used))

static int ends[2], file;
static char buffer[PAGE];

LABELLED void bench_begin(void) {
    asm volatile("" ::: "memory");
}
LABELLED void bench_end(void) {
    asm volatile("" ::: "memory");
}
LABELLED long path_getpid(void) {
    return CALL0(N_GETPID);
}
LABELLED long path_write_pipe(void) {
    return CALL3(N_WRITE, ends[1], buffer, 1);
}
LABELLED long path_read_pipe(void) {
    return CALL3(N_READ, ends[0], buffer, 1);
}
LABELLED long path_read_page(void) {
    return CALL3(N_READ, file, buffer, PAGE);
}
// Instructions so far, under icount, where user programs may ask.
static u64 instructions(void) {
    u64 count = 0;
#if defined(__riscv)
    asm volatile("rdinstret %0" : "=r"(count));
#endif
    return count;
}

// The fewest instructions of a fork, the child's exit and the wait for it: of all on one hart, firmware included.
static int lives(void) {
    u64 least = ~0ul;
    for (int i = 0; i < 4 * TIMED_TURNS; i++) {
        const u64 before = instructions();
        const int child = fork();
        if (child == 0)
            exit(0);
        if (child < 0 || wait(0) != child)
            return 1;
        const u64 took = instructions() - before;
        least = took < least ? took : least;
    }
    print(1, "%d\n", (int)least);
    return 0;
}

static void all_paths(int turns) {
    for (int i = 0; i < turns; i++) {
        path_getpid();
        path_write_pipe();
        path_read_pipe();
        file = open("benchpath.tmp", O_RDONLY);
        path_read_page();
        close(file);
    }
}

int main(int argc, char** argv) {
    if (argc > 1 && same(argv[1], "lives"))
        return lives();
    const int made = open("benchpath.tmp", O_CREATE | O_RDWR);
    if (made < 0 || write(made, buffer, PAGE) != PAGE || pipe(ends) < 0)
        return 1;
    close(made);
    all_paths(WARM_TURNS);
    bench_begin();
    all_paths(TIMED_TURNS);
    bench_end();
    unlink("benchpath.tmp");
    return 0;
}
