// Memory: sbrk, what is where, what kills.
#include "check.h"

enum { MIB = 1 << 20 };

static void touch(u64 address) {
    *(volatile char*)hidden(address) = 1;
}
static void look(u64 address) {
    (void)*(volatile char*)hidden(address);
}
static void jump(u64 address) {
    ((void (*)(void))hidden(address))();
}

static u64 stack_place(void) {
    char here;
    return hidden((u64)&here);
}

static void layout(void) {
    const u64 top = (u64)sbrk(0);
    CHECK_EQUAL(top % PAGE, 0);
    CHECK(stack_place() < top);
    CHECK(stack_place() >= top - PAGE); // the stack is the page below the break
    look(0);                            // address 0 is the program's text
    must_die(touch, 0);
    must_die(touch, top);
    must_die(look, top - PAGE - 1); // the guard page
    must_die(look, top - 2 * PAGE);
}

// Arm's loads and stores ignore the highest byte of an address (TCR_EL1.TBI0).
static int is_inside(u64 address) {
#if defined(__aarch64__)
    address = address << 8 >> 8;
#endif
    return address < (u64)sbrk(0);
}

static void outside(void) {
    for (int i = 0; i < bad_pointer_count; i++) {
        if (is_inside(bad_pointers[i]))
            continue;
        must_die(look, bad_pointers[i]);
        must_die(touch, bad_pointers[i]);
        must_die(jump, bad_pointers[i] & ~3ul);
    }
    for (u64 at = 0x80000000ul; at < 0x80000000ul + 2 * MIB; at += 500000)
        must_die(look, at);
    for (u64 bit = 38; bit < 64; bit++)
        if (!is_inside(1ul << bit))
            must_die(touch, 1ul << bit);
}

static void byte_by_byte(void) {
    char* const first = sbrk(0);
    for (int i = 0; i < 5000; i++) {
        char* at = sbrk(1);
        CHECK_EQUAL(at, first + i);
        *at = 1;
    }
    CHECK_EQUAL(sbrk(-4999), first + 5000);
    CHECK_EQUAL(sbrk(0), first + 1);
    CHECK_EQUAL(*first, 1);
    CHECK_EQUAL(sbrk(-1), first + 1);
    CHECK_EQUAL(sbrk(0), first);
}

static void zeroes(void) {
    for (int turn = 0; turn < 3; turn++) {
        char* at = sbrk(8 * PAGE);
        for (int i = 0; i < 8 * PAGE; i++)
            CHECK_EQUAL(at[i], 0);
        fill(at, 7, 8 * PAGE);
        CHECK_EQUAL(sbrk(-8 * PAGE), at + 8 * PAGE);
    }
}

static void given_back(void) {
    char* at = sbrk(2 * PAGE);
    touch((u64)at + PAGE);
    sbrk(-PAGE);
    touch((u64)at + PAGE - 1);
    must_die(touch, (u64)at + PAGE);
    const int fd = file_with("given.tmp", "abc");
    CHECK_EQUAL(write(fd, at + PAGE, 10), -1);
    CHECK_EQUAL(read(fd, at + PAGE, 10), -1);
    close(fd);
    unlink("given.tmp");
    sbrk(-PAGE);
}

static void too_much(void) {
    char* const before = sbrk(0);
    CHECK_EQUAL(sbrk(1024 * MIB), -1);
    CHECK_EQUAL(sbrk(1000 * MIB), -1);
    CHECK_EQUAL(sbrk(0x7fffffff), -1);
    CHECK_EQUAL(sbrk(0), before);
}

static void much(void) {
    char* const before = sbrk(0);
    const int bytes = 100 * MIB - (int)(u64)before;
    CHECK_EQUAL(sbrk(bytes), before);
    for (char* at = before; at < before + bytes; at += PAGE)
        *at = 1;
    before[bytes - 1] = 99;
    CHECK_EQUAL(sbrk(-bytes), before + bytes);
    CHECK_EQUAL(sbrk(0), before);
}

// More than the process has: nothing happens, and the old break is the answer.
static void less_than_nothing(void) {
    char* const before = sbrk(0);
    CHECK_EQUAL(sbrk((int)0x80000004), before);
    CHECK_EQUAL(sbrk(-(int)(u64)before - 1), before);
    CHECK_EQUAL(sbrk(0), before);
}

static void shrink_by_all(u64 rest) {
    const u64 top = (u64)sbrk(0);
    sbrk(-(int)(top - rest));
    touch(top - 1); // the stack is gone
}
static void down_to_nothing(void) {
    must_die(shrink_by_all, 0);
    must_die(shrink_by_all, 3500);
}

static int pages_left(void) {
    int pages = 0;
    for (char* at; (at = sbrk(PAGE)) != (char*)-1; pages++)
        at[PAGE - 1] = 1;
    return pages;
}

// The same number of pages each time; at the end of memory calls still work.
static void all_of_it(void) {
    int counts[3];
    for (int i = 0; i < 3; i++) {
        int ends[2];
        CHECK_EQUAL(pipe(ends), 0);
        const int child = fork();
        if (child == 0) {
            const int pages = pages_left();
            CHECK(getpid() > 0);
            const int fd = open(".", O_RDONLY);
            CHECK(fd >= 0);
            CHECK_EQUAL(sbrk(PAGE), -1);
            CHECK_EQUAL(write(ends[1], &pages, sizeof pages), sizeof pages);
            exit(0);
        }
        CHECK_EQUAL(read(ends[0], &counts[i], sizeof counts[i]), sizeof counts[i]);
        CHECK_EQUAL(status_of(child), 0);
        close(ends[0]);
        close(ends[1]);
    }
    CHECK(counts[0] >= 100 * MIB / PAGE);
    CHECK(counts[0] < 1000 * MIB / PAGE);
    CHECK(counts[2] >= counts[0]);
}

// A parent with all memory forks, or is told that it cannot.
static void fork_when_full(void) {
    const int child = fork();
    if (child == 0) {
        char* last = sbrk(0);
        pages_left();
        CHECK(sbrk(0) > last);
        const int inner = fork();
        if (inner == 0)
            exit(4);
        if (inner > 0)
            CHECK_EQUAL(status_of(inner), 4);
        exit(0);
    }
    CHECK_EQUAL(status_of(child), 0);
}

static void copied_on_fork(void) {
    char* at = sbrk(4 * PAGE);
    fill(at, 1, 4 * PAGE);
    const int child = fork();
    if (child == 0) {
        fill(at, 2, 4 * PAGE);
        exit(at[PAGE]);
    }
    CHECK_EQUAL(status_of(child), 2);
    for (int i = 0; i < 4 * PAGE; i++)
        CHECK_EQUAL(at[i], 1);
    sbrk(-4 * PAGE);
}

static const struct test tests[] = {
    TEST(layout),          TEST(outside),        TEST(byte_by_byte), TEST(zeroes),
    TEST(given_back),      TEST(too_much),       TEST(much),         TEST(less_than_nothing),
    TEST(down_to_nothing), TEST(copied_on_fork), TEST(all_of_it),    TEST(fork_when_full),
};

int main(int argc, char** argv) {
    return RUN_TESTS(tests, argc, argv);
}
