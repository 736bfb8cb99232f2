// Memory under several threads at once: what one thread takes away no other may still use, wherever it runs.
#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { page = 4096, thread_count = 8 };
static const int readwrite = PROT_READ | PROT_WRITE;

static atomic_bool stop;

// Each test does a number of rounds, fewer on a machine that is too busy for them.
static atomic_long time_limit;
static bool goes_on(int round, int rounds) {
    if (round == 0)
        time_limit = now_ms() + 5000;
    return round < rounds && now_ms() < time_limit;
}

static char* anonymous(size_t bytes) {
    char* area = mmap(NULL, bytes, readwrite, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(area != MAP_FAILED);
    return area;
}

static void start(pthread_t* thread, void* (*run)(void*), void* argument) {
    CHECK_EQUAL(pthread_create(thread, NULL, run, argument), 0);
}

// Counts up in memory until told to stop.
static void* count_up(void* place) {
    volatile unsigned long* counter = place;
    while (!atomic_load_explicit(&stop, memory_order_relaxed))
        *counter = *counter + 1;
    return NULL;
}

static void try_again(int signal) {
    (void)signal;
    sched_yield();
}

// A page that has become read-only holds still, though another thread wrote it a moment ago.
static void protected_page_holds_still(void) {
    struct sigaction action = {.sa_handler = try_again};
    CHECK_EQUAL(sigaction(SIGSEGV, &action, NULL), 0);
    volatile unsigned long* counter = (void*)anonymous(page);
    pthread_t writer;
    start(&writer, count_up, (void*)(uintptr_t)counter);
    unsigned long moved = 0, last = 0;
    for (int round = 0; goes_on(round, 300); ++round) {
        CHECK_EQUAL(mprotect((void*)(uintptr_t)counter, page, PROT_READ), 0);
        const unsigned long before = *counter;
        for (volatile int i = 0; i < 3000; ++i)
            ;
        CHECK_EQUAL(*counter, before);
        moved += before != last;
        last = before;
        CHECK_EQUAL(mprotect((void*)(uintptr_t)counter, page, readwrite), 0);
        for (int patience = 0; *counter == before && patience < 100000; ++patience)
            sched_yield();
    }
    atomic_store(&stop, true);
    pthread_join(writer, NULL);
    CHECK(moved > 0);
}

// A child sees memory as it was at fork, though threads of the parent go on writing.
static void child_sees_one_moment(void) {
    char* area = anonymous(4 * page);
    pthread_t writers[4];
    for (int i = 0; i < 4; ++i)
        start(&writers[i], count_up, area + i * page);
    for (int round = 0; goes_on(round, 60); ++round) {
        const pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            unsigned long before[4];
            for (int i = 0; i < 4; ++i)
                before[i] = *(volatile unsigned long*)(area + i * page);
            for (volatile int i = 0; i < 20000; ++i)
                ;
            for (int i = 0; i < 4; ++i)
                if (*(volatile unsigned long*)(area + i * page) != before[i])
                    _exit(1);
            _exit(0);
        }
        finish_child(child);
    }
    atomic_store(&stop, true);
    for (int i = 0; i < 4; ++i)
        pthread_join(writers[i], NULL);
}

// Maps, fills, looks, unmaps. What it maps is zero first and then its own.
static void* map_and_unmap(void* argument) {
    const unsigned char mark = (unsigned char)(uintptr_t)argument;
    for (int round = 1; goes_on(round, 400); ++round) {
        const size_t bytes = (size_t)(1 + round % 9) * page;
        unsigned char* area = (unsigned char*)anonymous(bytes);
        for (size_t at = 0; at < bytes; at += page) {
            CHECK_EQUAL(area[at + 7], 0);
            area[at + 7] = mark;
        }
        sched_yield();
        for (size_t at = 0; at < bytes; at += page)
            CHECK_EQUAL(area[at + 7], mark);
        CHECK_EQUAL(munmap(area, bytes), 0);
    }
    return NULL;
}

static void threads_map_their_own(void) {
    time_limit = now_ms() + 5000;
    pthread_t threads[thread_count];
    for (int i = 0; i < thread_count; ++i)
        start(&threads[i], map_and_unmap, (void*)(uintptr_t)(i + 1));
    for (int i = 0; i < thread_count; ++i)
        pthread_join(threads[i], NULL);
}

// Forks all the time while other threads map and unmap.
static void fork_among_mappers(void) {
    time_limit = now_ms() + 5000;
    pthread_t threads[4];
    for (int i = 0; i < 4; ++i)
        start(&threads[i], map_and_unmap, (void*)(uintptr_t)(i + 1));
    for (int round = 0; goes_on(round, 60); ++round) {
        const pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0)
            _exit(0);
        finish_child(child);
    }
    for (int i = 0; i < 4; ++i)
        pthread_join(threads[i], NULL);
}

enum { fresh_pages = 300 };
static char* fresh;

static void* touch_all(void* argument) {
    (void)argument;
    for (int i = 0; i < fresh_pages; ++i)
        atomic_fetch_add((_Atomic int*)(void*)(fresh + i * page), 1);
    return NULL;
}

// Several threads fault on the same new page: there is one page, and no write is lost.
static void faults_meet(void) {
    for (int round = 0; goes_on(round, 10); ++round) {
        fresh = anonymous(fresh_pages * page);
        pthread_t threads[thread_count];
        for (int i = 0; i < thread_count; ++i)
            start(&threads[i], touch_all, NULL);
        for (int i = 0; i < thread_count; ++i)
            pthread_join(threads[i], NULL);
        for (int i = 0; i < fresh_pages; ++i)
            CHECK_EQUAL(*(int*)(void*)(fresh + i * page), thread_count);
        CHECK_EQUAL(munmap(fresh, fresh_pages * page), 0);
    }
}

// A shared file is cut and grows again while a thread writes it: the thread gets SIGBUS or writes, nothing else.
static void cut_under_a_writer(void) {
    struct sigaction action = {.sa_handler = try_again};
    CHECK_EQUAL(sigaction(SIGBUS, &action, NULL), 0);
    const int fd = file_with("file", "");
    CHECK_EQUAL(ftruncate(fd, 2 * page), 0);
    char* area = mmap(NULL, 2 * page, readwrite, MAP_SHARED, fd, 0);
    CHECK(area != MAP_FAILED);
    pthread_t writer;
    start(&writer, count_up, area + page);
    for (int round = 0; goes_on(round, 60); ++round) {
        CHECK_EQUAL(ftruncate(fd, page), 0);
        sched_yield();
        CHECK_EQUAL(ftruncate(fd, 2 * page), 0);
        sched_yield();
    }
    atomic_store(&stop, true);
    pthread_join(writer, NULL);
}

static const struct test tests[] = {
    TEST(protected_page_holds_still), TEST(child_sees_one_moment), TEST(threads_map_their_own),
    TEST(fork_among_mappers),         TEST(faults_meet),           TEST(cut_under_a_writer),
};

int main(int argc, char** argv) {
    return RUN_TESTS(tests, argc, argv);
}
