// Mappings changed by one thread while others, on other processors, have just used them: nobody may see the old pages.
#include "check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>

enum { readers = 3, pages = 16, page = 4096, area_bytes = pages * page, milliseconds = 700 };

static char* area;
static char expected;
static atomic_int wrong;
static atomic_bool over;
static pthread_barrier_t meeting;

static void look(size_t at) {
    for (size_t i = 0; i < pages; i++)
        wrong += area[i * page + at] != expected;
}

// Looks when the changer has filled the area, and again when it has changed the mapping.
static void* read_twice(void* number) {
    for (;;) {
        pthread_barrier_wait(&meeting);
        if (over)
            return NULL;
        look((size_t)(uintptr_t)number);
        pthread_barrier_wait(&meeting);
        pthread_barrier_wait(&meeting);
        look((size_t)(uintptr_t)number);
        pthread_barrier_wait(&meeting);
    }
}

static void run_rounds(void (*change)(void)) {
    pthread_t threads[readers];
    area = mmap(NULL, area_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(area != MAP_FAILED);
    CHECK_EQUAL(pthread_barrier_init(&meeting, NULL, readers + 1), 0);
    for (uintptr_t i = 0; i < readers; i++)
        CHECK_EQUAL(pthread_create(&threads[i], NULL, read_twice, (void*)i), 0);
    for (long end = now_ms() + milliseconds; now_ms() < end;) {
        for (size_t i = 0; i < area_bytes; i++)
            area[i] = 'a';
        expected = 'a';
        pthread_barrier_wait(&meeting);
        pthread_barrier_wait(&meeting);
        expected = 0;
        change();
        pthread_barrier_wait(&meeting);
        pthread_barrier_wait(&meeting);
    }
    over = true;
    pthread_barrier_wait(&meeting);
    for (size_t i = 0; i < readers; i++)
        pthread_join(threads[i], NULL);
    CHECK_EQUAL(wrong, 0);
}

static void map_over(void) {
    CHECK(mmap(area, area_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == area);
}
static void unmap_and_map(void) {
    CHECK_EQUAL(munmap(area, area_bytes), 0);
    map_over();
}
static void give_back(void) {
    CHECK_EQUAL(madvise(area, area_bytes, MADV_DONTNEED), 0);
}

static void mapped_over(void) {
    run_rounds(map_over);
}
static void unmapped(void) {
    run_rounds(unmap_and_map);
}
static void given_back(void) {
    run_rounds(give_back);
}

int main(int argc, char** argv) {
    const struct test tests[] = {TEST(mapped_over), TEST(unmapped), TEST(given_back)};
    return RUN_TESTS(tests, argc, argv);
}
