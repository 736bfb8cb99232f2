// Processes: fork, exit, wait, kill, getpid, sleep, uptime.
#include "check.h"

static void statuses(void) {
    static const int values[] = {0, 1, 747, -1, -2, 0x12345678, (int)0x80000000};
    for (u64 i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        const int child = fork();
        if (child == 0)
            exit(values[i]);
        CHECK_EQUAL(status_of(child), values[i]);
    }
}

static void numbers(void) {
    const int own = getpid();
    int ends[2];
    CHECK_EQUAL(pipe(ends), 0);
    const int child = fork();
    if (child == 0) {
        const int mine = getpid();
        CHECK(mine != own);
        CHECK_EQUAL(write(ends[1], &mine, sizeof mine), sizeof mine);
        exit(0);
    }
    int said = 0;
    CHECK_EQUAL(read(ends[0], &said, sizeof said), sizeof said);
    CHECK_EQUAL(said, child);
    CHECK_EQUAL(status_of(child), 0);
    CHECK_EQUAL(getpid(), own);
}

static void wait_without_status(void) {
    const int child = fork();
    if (child == 0)
        exit(5);
    CHECK_EQUAL(wait(0), child);
    CHECK_EQUAL(wait(0), -1);
}

static void wait_bad_pointer(void) {
    for (int i = 0; i < bad_pointer_count; i++) {
        const int child = fork();
        if (child == 0)
            exit(6);
        CHECK_EQUAL(wait((int*)bad_pointers[i]), -1);
        CHECK_EQUAL(status_of(child), 6); // it was not lost
    }
    int status;
    CHECK_EQUAL(wait(&status), -1);
}

static void memory_is_copied(void) {
    static volatile int value = 1;
    const int child = fork();
    if (child == 0) {
        value = 2;
        exit(value);
    }
    CHECK_EQUAL(status_of(child), 2);
    CHECK_EQUAL(value, 1);
}

static void run_forever(u64 unused) {
    (void)unused;
    for (volatile u64 i = 0;; i++)
        ;
}

static void kill_running(void) {
    const int child = fork();
    if (child == 0)
        run_forever(0);
    CHECK_EQUAL(kill(child), 0);
    CHECK_EQUAL(status_of(child), -1);
}

static void kill_waiting(void) {
    int ends[2];
    CHECK_EQUAL(pipe(ends), 0);
    for (int what = 0; what < 3; what++) {
        const int child = fork();
        if (child == 0) {
            char byte;
            if (what == 0)
                read(ends[0], &byte, 1);
            else if (what == 1)
                sleep(100000);
            else if (fork() == 0)
                sleep(5);
            else
                wait(0);
            exit(0);
        }
        sleep(1);
        CHECK_EQUAL(kill(child), 0);
        CHECK_EQUAL(status_of(child), -1);
    }
}

static void kill_self(u64 unused) {
    (void)unused;
    kill(getpid());
}
static void kill_nobody(void) {
    must_die(kill_self, 0);
    CHECK_EQUAL(kill(-1), -1);
    CHECK_EQUAL(kill(1000000), -1);
    const int child = fork();
    if (child == 0)
        exit(0);
    CHECK_EQUAL(status_of(child), 0);
    CHECK_EQUAL(kill(child), -1);
}

// A child's child is somebody else's after the child's end.
static void orphans(void) {
    for (int i = 0; i < 20; i++) {
        const int child = fork();
        if (child == 0) {
            if (fork() == 0)
                exit(1);
            exit(0);
        }
        CHECK_EQUAL(status_of(child), 0);
        CHECK_EQUAL(wait(0), -1);
    }
}

// xv6 has 64 processes; children that nobody waited for count.
static void most_processes(void) {
    for (int turn = 0; turn < 2; turn++) {
        int made = 0;
        for (;;) {
            const int child = fork();
            if (child == 0)
                exit(0);
            if (child < 0)
                break;
            made++;
            CHECK(made < 64);
        }
        CHECK(made > 40);
        for (int i = 0; i < made; i++)
            CHECK(wait(0) > 0);
        CHECK_EQUAL(wait(0), -1);
    }
}

// Every child forks until there is no more room: all of it ends, and goes on working.
static void fork_bomb(void) {
    const int bomb = fork();
    if (bomb == 0) {
        for (int i = 0; i < 8; i++)
            fork();
        while (wait(0) >= 0)
            ;
        exit(0);
    }
    sleep(2);
    kill(bomb);
    wait(0);
    sleep(5);
    for (int tries = 0;; tries++) {
        const int child = fork();
        if (child == 0)
            exit(3);
        if (child > 0) {
            CHECK_EQUAL(status_of(child), 3);
            return;
        }
        CHECK(tries < 100);
        sleep(1);
    }
}

static void time_passes(void) {
    const int before = uptime();
    CHECK(before >= 0);
    CHECK_EQUAL(sleep(0), 0);
    CHECK_EQUAL(sleep(3), 0);
    const int passed = uptime() - before;
    CHECK(passed >= 3);
    CHECK(passed < 50);
}

static void unknown_calls(void) {
    static const long numbers_[] = {0, 22, 23, 63, 100, 1000, -1, 0x7fffffff, 0x80000000};
    for (u64 i = 0; i < sizeof(numbers_) / sizeof(numbers_[0]); i++)
        CHECK_EQUAL((int)call(numbers_[i], 0, 0, 0), -1);
}

// int arguments are cut to 32 bits, whatever stands above.
static void wide_arguments(void) {
    const int child = fork();
    if (child == 0)
        call(N_EXIT, 0xabcdef0100000007ul, 0, 0);
    CHECK_EQUAL(status_of(child), 7);
    CHECK_EQUAL(call(N_CLOSE, 0xabcdef01fffffffful, 0, 0), -1);
}

static const struct test tests[] = {
    TEST(statuses),     TEST(numbers),      TEST(wait_without_status), TEST(wait_bad_pointer), TEST(memory_is_copied),
    TEST(kill_running), TEST(kill_waiting), TEST(kill_nobody),         TEST(orphans),          TEST(most_processes),
    TEST(fork_bomb),    TEST(time_passes),  TEST(unknown_calls),       TEST(wide_arguments),
};

int main(int argc, char** argv) {
    return RUN_TESTS(tests, argc, argv);
}
