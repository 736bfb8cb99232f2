// The frame of the xv6 test programs: each test runs in a process of its own. A program prints one line per test, "ok
// NAME" or "FAILED NAME: reason", and exits 0 only when every test passed. With arguments it runs only the tests named.
#pragma once

#include "xv6.h"

struct test {
    const char* name;
    void (*run)(void);
};
#define TEST(function) {#function, function}
#define RUN_TESTS(tests, argc, argv) run_tests(tests, sizeof(tests) / sizeof((tests)[0]), argc, argv)
int run_tests(const struct test* tests, u64 count, int argc, char** argv);

// Ends the test with a reason. In a child of the test too: its status says so to finish_child().
_Noreturn void failed(const char* file, int line, const char* what, long actual, long expected);

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            failed(__FILE__, __LINE__, #condition, 0, 1);                                                              \
    } while (0)
#define CHECK_EQUAL(expression, expected)                                                                              \
    do {                                                                                                               \
        const long actual_ = (long)(expression), expected_ = (long)(expected);                                         \
        if (actual_ != expected_)                                                                                      \
            failed(__FILE__, __LINE__, #expression, actual_, expected_);                                               \
    } while (0)

// Waits for the one child there is and gives its status.
int status_of(int child);
// Runs a function in a child that must be killed: status -1.
void must_die(void (*run)(u64), u64 argument);
// A new file of these bytes, open for reading and writing at offset 0.
int file_with(const char* name, const char* contents);
// Hides a pointer's value from the compiler.
u64 hidden(u64 value);
// Pointers that no call may follow.
extern const u64 bad_pointers[];
extern const int bad_pointer_count;
