// benchpath: the calls whose exact path lengths are budgets, for a stepper on QEMU's gdb stub; and, under icount, the
// instructions of a whole fork, exit and wait. Each operation is a function path_NAME that holds nothing but its system
// call. As programs/linux/bench/path.c.
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
LABELLED long path_fork(void) {
    return CALL0(N_FORK);
}
LABELLED long path_wait(void) {
    return CALL1(N_WAIT, 0);
}
// The break between path_fork and here is the end of one fork+exit+wait.
LABELLED void path_reaped(void) {
    asm volatile("" ::: "memory");
}

static void all_paths(int turns) {
    for (int i = 0; i < turns; i++) {
        path_getpid();
        path_write_pipe();
        path_read_pipe();
        file = open("benchpath.tmp", O_RDONLY);
        path_read_page();
        close(file);
        if (path_fork() == 0)
            exit(0);
        path_wait();
        path_reaped();
    }
}

int main(int argc, char** argv) {
    (void)argv;
    const int made = open("benchpath.tmp", O_CREATE | O_RDWR);
    if (made < 0 || write(made, buffer, PAGE) != PAGE || pipe(ends) < 0)
        return 1;
    close(made);
    all_paths(WARM_TURNS);
    bench_begin();
    all_paths(argc > 1 ? number(argv[1]) : TIMED_TURNS);
    bench_end();
    unlink("benchpath.tmp");
    return 0;
}
