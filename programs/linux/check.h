// The frame of the Linux test programs: each test runs in a process of its own, so that a crash or a hang costs one
// test. A program prints one line per test, "ok NAME" or "FAILED NAME: reason", and exits 0 only when every test
// passed. With arguments it runs only the tests whose names are given.
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

struct test {
    const char* name;
    void (*run)(void);
};
#define TEST(function) {#function, function}

// Runs the tests of a program and gives its exit status. The working directory of each test is a fresh folder in /tmp.
#define RUN_TESTS(tests, argc, argv) run_tests(tests, sizeof(tests) / sizeof((tests)[0]), argc, argv)
int run_tests(const struct test* tests, size_t count, int argc, char** argv);

// Ends the test with a reason. May be called in a child of the test, too: the status says so to the parent
// (finish_child).
_Noreturn void fail(const char* file, int line, const char* format, ...) __attribute__((format(printf, 3, 4)));

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            fail(__FILE__, __LINE__, "not %s (errno %d)", #condition, errno);                                          \
    } while (0)

#define CHECK_EQUAL(expression, expected)                                                                              \
    do {                                                                                                               \
        long long actual_ = (long long)(expression), expected_ = (long long)(expected);                                \
        if (actual_ != expected_)                                                                                      \
            fail(__FILE__, __LINE__, "%s is %lld, not %lld (errno %d)", #expression, actual_, expected_, errno);       \
    } while (0)

// The call must answer -1 with this errno.
#define CHECK_ERROR(call, error)                                                                                       \
    do {                                                                                                               \
        errno = 0;                                                                                                     \
        long long actual_ = (long long)(call);                                                                         \
        int errno_ = errno;                                                                                            \
        if (actual_ != -1 || errno_ != (error))                                                                        \
            fail(__FILE__, __LINE__, "%s is %lld with errno %d, not errno %s", #call, actual_, errno_, #error);        \
    } while (0)

// Waits for a child and fails the test unless it exited with 0.
void finish_child(pid_t child);

// Waits for a child and gives its wait status.
int wait_status(pid_t child);

// A descriptor of a new file NAME with these contents, open for reading and writing at offset 0.
int file_with(const char* name, const char* contents);

// Sleeps for so many milliseconds, whatever signals come.
void pause_ms(long ms);

// Monotonic time in milliseconds.
long now_ms(void);

// The state letter of a process in /proc/PID/stat, 0 when there is none. Waits (2 s) until it is in one of STATES
// when STATES is not null, and fails the test when it never is.
char await_state(pid_t pid, const char* states);
