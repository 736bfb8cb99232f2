// path: the calls whose exact path lengths are budgets, for the stepper (tests/system/cases/budgets.py). Every
// operation is a function named path_NAME that holds nothing but its call.
#include "rtt.h"

enum { warm_turns = 16, timed_turns = 16 };
#define LABELLED __attribute__((noinline, used))

static long null_file;
static handle semaphore, mutex;
static char buffer[64];

LABELLED void bench_begin(void) {
    asm volatile("" ::: "memory");
}
LABELLED void bench_end(void) {
    asm volatile("" ::: "memory");
}
LABELLED long path_gettid(void) {
    return rt(nr_gettid);
}
LABELLED long path_sem_take(void) {
    return rt(nr_sem_take, semaphore, 0);
}
LABELLED long path_sem_release(void) {
    return rt(nr_sem_release, semaphore);
}
LABELLED long path_mutex_take(void) {
    return rt(nr_mutex_take, mutex, 0);
}
LABELLED long path_mutex_release(void) {
    return rt(nr_mutex_release, mutex);
}
LABELLED long path_write_null(void) {
    return rt(nr_write, null_file, buffer, 1);
}

static long all_paths(int turns) {
    long problems = 0;
    for (int i = 0; i < turns; i++) {
        problems |= path_gettid() < 0;
        problems |= path_sem_take();
        problems |= path_sem_release();
        problems |= path_mutex_take();
        problems |= path_mutex_release();
        problems |= path_write_null() != 1;
    }
    return problems;
}

void rtt_main(void) {
    null_file = rt(nr_open, "/dev/null", 1);
    semaphore = (handle)rt(nr_sem_create, "path", 1, 0);
    mutex = (handle)rt(nr_mutex_create, "path", 0);
    long problems = all_paths(warm_turns);
    bench_begin();
    problems |= all_paths(timed_turns);
    bench_end();
    rt(nr_exit_group, problems != 0);
}
