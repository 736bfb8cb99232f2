// Futexes: waiting, waking, moving waiters, time limits, and what a dying thread leaves behind.
#include "check.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

static atomic_int word, other, woken, started;

static long futex(void* at, int operation, int value, const void* timeout, void* second, int third) {
    return syscall(SYS_futex, at, operation, value, timeout, second, third);
}

static void* waiter(void* bits) {
    started++;
    while (word == 0)
        futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, NULL, NULL, (int)(long)bits);
    woken++;
    return NULL;
}

// So many threads that wait on `word`.
static void start_waiters(pthread_t* threads, int count, long bits) {
    int before = started;
    for (int i = 0; i < count; i++)
        CHECK_EQUAL(pthread_create(&threads[i], NULL, waiter, (void*)bits), 0);
    while (started < before + count)
        pause_ms(1);
    pause_ms(50);
}

static void no_wait(void) {
    word = 5;
    CHECK_ERROR(futex(&word, FUTEX_WAIT, 4, NULL, NULL, 0), EAGAIN);
    CHECK_EQUAL(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
    CHECK_ERROR(futex((char*)&word + 1, FUTEX_WAIT, 5, NULL, NULL, 0), EINVAL);
    CHECK_ERROR(futex(NULL, FUTEX_WAIT, 5, NULL, NULL, 0), EFAULT);
    CHECK_ERROR(futex((void*)-4096L, FUTEX_WAKE, 5, NULL, NULL, 0), EFAULT);
    CHECK_ERROR(futex(&word, 99, 5, NULL, NULL, 0), ENOSYS);
    CHECK_ERROR(futex(&word, FUTEX_WAIT_BITSET, 5, NULL, NULL, 0), EINVAL);
    CHECK_ERROR(futex(&word, FUTEX_WAKE_BITSET, 5, NULL, NULL, 0), EINVAL);
}

static void times_out(void) {
    struct timespec limit = {0, 50000000};
    long start = now_ms();
    CHECK_ERROR(futex(&word, FUTEX_WAIT_PRIVATE, 0, &limit, NULL, 0), ETIMEDOUT);
    CHECK(now_ms() - start >= 49);
    clock_gettime(CLOCK_MONOTONIC, &limit);
    limit.tv_sec++;
    start = now_ms();
    CHECK_ERROR(futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, &limit, NULL, -1), ETIMEDOUT);
    CHECK(now_ms() - start >= 990);
    clock_gettime(CLOCK_REALTIME, &limit);
    CHECK_ERROR(futex(&word, FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 0, &limit, NULL, -1), ETIMEDOUT);
    limit.tv_nsec = 1000000000;
    CHECK_ERROR(futex(&word, FUTEX_WAIT_PRIVATE, 0, &limit, NULL, 0), EINVAL);
}

static void wakes(void) {
    pthread_t threads[4];
    start_waiters(threads, 4, -1);
    word = 1;
    CHECK_EQUAL(futex(&word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 1);
    for (int i = 0; i < 1000 && woken < 1; i++)
        pause_ms(1);
    pause_ms(30);
    CHECK_EQUAL(woken, 1);
    CHECK_EQUAL(futex(&word, FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0), 3);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    CHECK_EQUAL(woken, 4);
}

static void bit_sets(void) {
    pthread_t threads[4];
    start_waiters(threads, 2, 1);
    start_waiters(threads + 2, 2, 2);
    word = 1;
    CHECK_EQUAL(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 100, NULL, NULL, 4), 0);
    CHECK_EQUAL(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 100, NULL, NULL, 2), 2);
    pthread_join(threads[2], NULL);
    pthread_join(threads[3], NULL);
    CHECK_EQUAL(woken, 2);
    CHECK_EQUAL(futex(&word, FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0), 2);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
}

static void requeues(void) {
    pthread_t threads[4];
    start_waiters(threads, 4, -1);
    word = 1;
    CHECK_ERROR(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void*)10L, &other, 7), EAGAIN);
    CHECK_EQUAL(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void*)10L, &other, 1), 4);
    CHECK_EQUAL(futex(&word, FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0), 0);
    CHECK_EQUAL(futex(&other, FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0), 3);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}

static void wake_op(void) {
    pthread_t threads[2];
    start_waiters(threads, 2, -1);
    word = 1;
    other = 10;
    // other += 5; wake one on word; wake on other if its old value was above 3.
    int operation = FUTEX_OP(FUTEX_OP_ADD, 5, FUTEX_OP_CMP_GT, 3);
    CHECK_EQUAL(futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, (void*)1L, &other, operation), 1);
    CHECK_EQUAL(other, 15);
    CHECK_EQUAL(futex(&word, FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0), 1);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
}

static void on_signal(int signal) {
    (void)signal;
}

static void interrupted(void) {
    struct sigaction action = {.sa_flags = 0};
    action.sa_handler = on_signal;
    sigaction(SIGALRM, &action, NULL);
    alarm(1);
    CHECK_ERROR(futex(&word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0), EINTR);
}

// Two processes, one page, mapped at different places.
static void between_processes(void) {
    int fd = file_with("shared", "");
    CHECK_EQUAL(ftruncate(fd, 4096), 0);
    atomic_int* mine = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    pid_t child = fork();
    if (child == 0) {
        atomic_int* theirs = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        CHECK(theirs != mine);
        for (int i = 0; i < 100; i++) {
            while (theirs[0] != i + 1)
                futex(&theirs[0], FUTEX_WAIT, i, NULL, NULL, 0);
            theirs[1] = i + 1;
            futex(&theirs[1], FUTEX_WAKE, 1, NULL, NULL, 0);
        }
        _exit(0);
    }
    for (int i = 0; i < 100; i++) {
        mine[0] = i + 1;
        futex(&mine[0], FUTEX_WAKE, 1, NULL, NULL, 0);
        while (mine[1] != i + 1)
            futex(&mine[1], FUTEX_WAIT, i, NULL, NULL, 0);
    }
    finish_child(child);
}

static void private_is_private(void) {
    int* shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = fork();
    if (child == 0) {
        struct timespec limit = {0, 200000000};
        CHECK_ERROR(futex(shared, FUTEX_WAIT_PRIVATE, 0, &limit, NULL, 0), ETIMEDOUT);
        _exit(0);
    }
    pause_ms(50);
    CHECK_EQUAL(futex(shared, FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0), 0);
    finish_child(child);
}

static struct robust_list_head robust;
static struct {
    struct robust_list link;
    atomic_int futex;
} held;

static void* die_holding(void* unused) {
    (void)unused;
    robust.list.next = &held.link;
    robust.futex_offset = (char*)&held.futex - (char*)&held.link;
    held.link.next = &robust.list;
    CHECK_EQUAL(syscall(SYS_set_robust_list, &robust, sizeof robust), 0);
    held.futex = (int)syscall(SYS_gettid) | (int)FUTEX_WAITERS;
    pause_ms(100);
    syscall(SYS_exit, 0);
    return NULL;
}

static void robust_list(void) {
    pthread_t thread;
    CHECK_ERROR(syscall(SYS_set_robust_list, &robust, 5), EINVAL);
    CHECK_EQUAL(pthread_create(&thread, NULL, die_holding, NULL), 0);
    while (held.futex == 0)
        pause_ms(1);
    int seen;
    while (((seen = held.futex) & FUTEX_OWNER_DIED) == 0)
        futex(&held.futex, FUTEX_WAIT, seen, NULL, NULL, 0);
    CHECK_EQUAL(seen & FUTEX_TID_MASK, 0);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int turn;

static void* take_turns(void* mine) {
    for (int i = 0; i < 200; i++) {
        pthread_mutex_lock(&mutex);
        while (turn != (int)(long)mine)
            pthread_cond_wait(&condition, &mutex);
        turn = (turn + 1) % 4;
        pthread_cond_broadcast(&condition);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void condition_variables(void) {
    pthread_t threads[4];
    for (long i = 0; i < 4; i++)
        CHECK_EQUAL(pthread_create(&threads[i], NULL, take_turns, (void*)i), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    CHECK_EQUAL(turn, 0);
}

static void* return_argument(void* argument) {
    return argument;
}

// pthread_join waits on the word that the kernel clears and wakes when a thread ends.
static void many_threads(void) {
    for (long i = 0; i < 300; i++) {
        pthread_t thread;
        void* result;
        CHECK_EQUAL(pthread_create(&thread, NULL, return_argument, (void*)i), 0);
        CHECK_EQUAL(pthread_join(thread, &result), 0);
        CHECK_EQUAL((long)result, i);
    }
}

static const struct test tests[] = {
    TEST(no_wait),
    TEST(times_out),
    TEST(wakes),
    TEST(bit_sets),
    TEST(requeues),
    TEST(wake_op),
    TEST(interrupted),
    TEST(between_processes),
    TEST(private_is_private),
    TEST(robust_list),
    TEST(condition_variables),
    TEST(many_threads),
};

int main(int argc, char** argv) {
    return RUN_TESTS(tests, argc, argv);
}
