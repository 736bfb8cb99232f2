// threads [SECONDS [THREADS]]: threads that compute with floating point and SIMD while signals hit them and futexes
// hand work around. Every thread has its own rounding mode and its own numbers, and knows what must come out; a
// register that is lost in a switch, a signal or a migration makes a wrong sum. Prints "ok threads" or "FAILED threads:
// reason".
#define _GNU_SOURCE
#include <errno.h>
#include <fenv.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { max_threads = 256, steps = 2000 };

typedef uint64_t vector __attribute__((vector_size(16)));

struct worker {
    pthread_t thread;
    pid_t tid;
    int index;
    _Atomic uint64_t rounds, signals, baton;
    double expected_sum;
    uint64_t expected_hash;
};

static struct worker workers[max_threads];
static int thread_count = 32;
static atomic_bool stop;
static atomic_int wrong, ready;
static uint64_t shared_counter; // guarded by the futex lock below
static atomic_int lock_word;

static const int rounding[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};

static long futex(void* word, int operation, int value, const struct timespec* timeout) {
    return syscall(SYS_futex, word, operation, value, timeout, NULL, 0);
}

// Drepper's three-state mutex: 0 free, 1 taken, 2 taken and somebody may wait.
static void lock(void) {
    int seen = 0;
    if (atomic_compare_exchange_strong(&lock_word, &seen, 1))
        return;
    while (atomic_exchange(&lock_word, 2) != 0)
        futex(&lock_word, FUTEX_WAIT_PRIVATE, 2, NULL);
}

static void unlock(void) {
    if (atomic_exchange(&lock_word, 0) == 2)
        futex(&lock_word, FUTEX_WAKE_PRIVATE, 1, NULL);
}

#if defined(__aarch64__)
#define FLOAT_REGISTER "w"
#elif defined(__riscv)
#define FLOAT_REGISTER "f"
#else
#define FLOAT_REGISTER "x"
#endif

// A sum that depends on the rounding mode, kept in floating-point registers all along.
static __attribute__((noinline)) double float_work(int index) {
    double sum = 1.0 / (index + 3);
    for (int i = 1; i <= steps; i++) {
        sum += 1.0 / (i + index);
        sum *= 0.999;
        asm volatile("" : "+" FLOAT_REGISTER(sum)); // one operation at a time, at run time
    }
    return sum;
}
// Integers in vector registers where the ISA has them.
static __attribute__((noinline)) uint64_t vector_work(int index) {
    vector a = {(uint64_t)index + 1, 0x9e3779b97f4a7c15u}, b = {77, (uint64_t)index * 31};
    for (int i = 0; i < steps; i++) {
        a ^= b << 7;
        b += a ^ (a >> 9);
    }
    return a[0] ^ b[1];
}

static struct worker* self(void) {
    pthread_t me = pthread_self();
    for (int i = 0; i < thread_count; i++)
        if (pthread_equal(workers[i].thread, me))
            return &workers[i];
    return NULL;
}

// The handler computes with other numbers and another rounding mode than the thread that it interrupts.
static void on_signal(int signal) {
    (void)signal;
    int error = errno;
    fesetround(FE_TOWARDZERO);
    volatile double spoil = float_work(signal);
    (void)spoil;
    struct worker* worker = self();
    if (worker != NULL)
        worker->signals++;
    errno = error;
}

static void give_baton(struct worker* from) {
    struct worker* next = &workers[(from->index + 1) % thread_count];
    atomic_fetch_add(&next->baton, 1);
    futex(&next->baton, FUTEX_WAKE_PRIVATE, 1, NULL);
}

static void complain(const struct worker* worker, const char* what) {
    if (atomic_fetch_add(&wrong, 1) == 0)
        printf(
            "FAILED threads: %s is wrong in thread %d, round %llu\n", what, worker->index,
            (unsigned long long)worker->rounds);
}

static void one_round(struct worker* worker) {
    if (float_work(worker->index) != worker->expected_sum)
        complain(worker, "the floating-point sum");
    if (vector_work(worker->index) != worker->expected_hash)
        complain(worker, "the vector sum");
    if (fegetround() != rounding[worker->index % 4])
        complain(worker, "the rounding mode");
    lock();
    shared_counter++;
    unlock();
    worker->rounds++;
}

static void* work(void* argument) {
    struct worker* worker = argument;
    worker->tid = (pid_t)syscall(SYS_gettid);
    fesetround(rounding[worker->index % 4]);
    // The first result, made before any signal comes, is what the others must be.
    worker->expected_sum = float_work(worker->index);
    worker->expected_hash = vector_work(worker->index);
    atomic_fetch_add(&ready, 1);
    while (!stop) {
        one_round(worker);
        if (worker->rounds % 8 == 0)
            give_baton(worker);
        if (worker->rounds % 16 == 0) {
            struct timespec limit = {0, 5000000};
            uint64_t seen = worker->baton;
            futex(&worker->baton, FUTEX_WAIT_PRIVATE, (int)seen, &limit);
        }
        if (worker->rounds % 32 == 0)
            syscall(SYS_tgkill, getpid(), workers[worker->rounds / 32 % (uint64_t)thread_count].tid, SIGUSR1);
    }
    return NULL;
}

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool start(void) {
    sigset_t set, old;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &action, NULL);
    pthread_sigmask(SIG_BLOCK, &set, &old);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 65536);
    pthread_attr_setsigmask_np(&attributes, &old);
    for (int i = 0; i < thread_count; i++) {
        workers[i].index = i;
        int error = pthread_create(&workers[i].thread, &attributes, work, &workers[i]);
        if (error != 0) {
            printf("FAILED threads: thread %d: %s\n", i, strerror(error));
            return false;
        }
    }
    return true;
}

int main(int argc, char** argv) {
    double seconds = argc > 1 ? atof(argv[1]) : 10;
    if (argc > 2 && atoi(argv[2]) > 0 && atoi(argv[2]) <= max_threads)
        thread_count = atoi(argv[2]);
    if (!start())
        return 1;
    for (double end = seconds_now() + seconds; seconds_now() < end;) {
        usleep(3000);
        // From outside, too: a signal to the process goes to any thread that does not block it.
        if (ready == thread_count)
            kill(getpid(), SIGUSR1);
    }
    stop = true;
    uint64_t rounds = 0, signals = 0;
    for (int i = 0; i < thread_count; i++) {
        pthread_join(workers[i].thread, NULL);
        rounds += workers[i].rounds;
        signals += workers[i].signals;
        if (workers[i].rounds == 0)
            complain(&workers[i], "the number of rounds (0)");
    }
    if (shared_counter != rounds && atomic_fetch_add(&wrong, 1) == 0)
        printf(
            "FAILED threads: %llu rounds under the lock, %llu in the threads\n", (unsigned long long)shared_counter,
            (unsigned long long)rounds);
    if (signals == 0 && atomic_fetch_add(&wrong, 1) == 0)
        printf("FAILED threads: no signal arrived\n");
    if (wrong != 0)
        return 1;
    printf("ok threads\n");
    fprintf(
        stderr, "threads: %d threads, %llu rounds, %llu signals\n", thread_count, (unsigned long long)rounds,
        (unsigned long long)signals);
    return 0;
}
