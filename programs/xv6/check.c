#include "check.h"

static const char* running;

const u64 bad_pointers[] = {0x80000000ul,         0x3ffffff000ul,       0x4000000000ul,
                            0x8000000000000000ul, 0xfffffffffffff000ul, 0xfffffffffffffffful};
const int bad_pointer_count = sizeof(bad_pointers) / sizeof(bad_pointers[0]);

enum { STATUS_FAILED = 99 };

void failed(const char* file, int line, const char* what, long actual, long expected) {
    const char* base = file;
    for (const char* at = file; *at; at++)
        if (*at == '/')
            base = at + 1;
    print(
        1, "FAILED %s: %s:%d: %s is %d (0x%x), not %d\n", running, base, line, what, (int)actual, (u64)actual,
        (int)expected);
    exit(STATUS_FAILED);
}

static int is_wanted(const char* name, int argc, char** argv) {
    for (int i = 1; i < argc; i++)
        if (same(argv[i], name))
            return 1;
    return argc < 2;
}

int run_tests(const struct test* tests, u64 count, int argc, char** argv) {
    int bad = 0;
    for (u64 i = 0; i < count; i++) {
        if (!is_wanted(tests[i].name, argc, argv))
            continue;
        running = tests[i].name;
        const int child = fork();
        if (child == 0) {
            tests[i].run();
            exit(0);
        }
        int status = 0;
        const int ended = wait(&status);
        if (child < 0 || ended != child) {
            print(1, "FAILED %s: fork gave %d, wait %d\n", running, child, ended);
            bad = 1;
        } else if (status == 0) {
            print(1, "ok %s\n", running);
        } else {
            if (status != STATUS_FAILED)
                print(1, "FAILED %s: ended with status %d\n", running, status);
            bad = 1;
        }
    }
    return bad;
}

int status_of(int child) {
    int status = 12345;
    CHECK(child > 0);
    CHECK_EQUAL(wait(&status), child);
    return status;
}

void must_die(void (*run)(u64), u64 argument) {
    const int child = fork();
    if (child == 0) {
        run(argument);
        exit(0);
    }
    CHECK_EQUAL(status_of(child), -1);
}

int file_with(const char* name, const char* contents) {
    int fd = open(name, O_CREATE | O_TRUNC | O_WRONLY);
    CHECK(fd >= 0);
    CHECK_EQUAL(write(fd, contents, length(contents)), length(contents));
    close(fd);
    fd = open(name, O_RDWR);
    CHECK(fd >= 0);
    return fd;
}

u64 hidden(u64 value) {
    asm volatile("" : "+r"(value));
    return value;
}
