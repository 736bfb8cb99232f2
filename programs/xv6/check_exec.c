// exec: what a new program finds, and what is refused. The program runs itself again: its name must lead to it.
#include "check.h"

static const char* self;
static char long_text[2 * PAGE];

// As the new program: the arguments tell what is expected.
static int run_again(int argc, char** argv) {
    const u64 top = (u64)sbrk(0);
    if (same(argv[1], "-words")) {
        if (argc != 5 || argv[5] != 0 || !same(argv[2], "") || !same(argv[3], "two words") || !same(argv[4], "x"))
            return 1;
        // All of it lies in the stack's page, strings at multiples of 16.
        for (int i = 0; i < argc; i++)
            if ((u64)argv[i] % 16 != 0 || (u64)argv[i] < top - PAGE || (u64)argv[i] >= top)
                return 2;
        if ((u64)argv % 16 != 0 || (u64)argv < top - PAGE || (u64)argv >= top)
            return 3;
        return 55;
    }
    if (same(argv[1], "-count"))
        return argc;
    if (same(argv[1], "-pid"))
        return getpid() == number(argv[2]) ? 56 : 4;
    if (same(argv[1], "-descriptor")) {
        char byte = 0;
        return read(number(argv[2]), &byte, 1) == 1 && byte == 'z' ? 57 : 5;
    }
    return 6;
}

static int status_of_exec(const char* path, char** argv) {
    const int child = fork();
    if (child == 0) {
        exec(path, argv);
        exit(1000);
    }
    return status_of(child);
}
#define RUN(...) status_of_exec(self, (char*[]){(char*)self, __VA_ARGS__, 0})

static void words(void) {
    CHECK_EQUAL(RUN("-words", "", "two words", "x"), 55);
}

static void same_process(void) {
    const int child = fork();
    if (child == 0) {
        char digits[12];
        int at = 11, value = getpid();
        digits[at] = 0;
        do
            digits[--at] = (char)('0' + value % 10);
        while ((value /= 10) > 0);
        exec(self, (char*[]){(char*)self, "-pid", digits + at, 0});
        exit(1000);
    }
    CHECK_EQUAL(status_of(child), 56);
}

static void descriptors_stay(void) {
    int ends[2];
    CHECK_EQUAL(pipe(ends), 0);
    CHECK_EQUAL(write(ends[1], "z", 1), 1);
    char digits[2] = {(char)('0' + ends[0]), 0};
    CHECK_EQUAL(RUN("-descriptor", digits), 57);
}

// 31 arguments and the null.
static void most_arguments(void) {
    char* argv[40];
    for (int count = 29; count < 36; count++) {
        for (int i = 0; i < count; i++)
            argv[i] = "x";
        argv[0] = (char*)self;
        argv[1] = "-count";
        argv[count] = 0;
        CHECK_EQUAL(status_of_exec(self, argv), count <= 31 ? count : 1000);
    }
}

// Strings and pointers share one page.
static void largest_arguments(void) {
    fill(long_text, 'x', sizeof long_text);
    long_text[3000] = 0;
    CHECK_EQUAL(RUN("-count", long_text), 3);
    long_text[3000] = 'x';
    long_text[4095] = 0;
    CHECK_EQUAL(RUN("-count", long_text), 1000);
    long_text[4095] = 'x';
    long_text[4096] = 0;
    CHECK_EQUAL(RUN("-count", long_text), 1000);
    long_text[4096] = 'x';
    long_text[1500] = 0;
    CHECK_EQUAL(RUN("-count", long_text, long_text), 4);
    CHECK_EQUAL(RUN("-count", long_text, long_text, long_text), 1000);
}

static void refused(void) {
    char* argv[] = {"x", 0};
    CHECK_EQUAL(exec("no.such.file", argv), -1);
    CHECK_EQUAL(exec("", argv), -1);
    CHECK_EQUAL(exec(".", argv), -1);
    close(file_with("not.elf", "not a program, only some text\n"));
    CHECK_EQUAL(exec("not.elf", argv), -1);
    close(file_with("not.elf", ""));
    CHECK_EQUAL(exec("not.elf", argv), -1);
    close(file_with(
        "not.elf", "\x7f"
                   "ELF"));
    CHECK_EQUAL(exec("not.elf", argv), -1);
    CHECK_EQUAL(unlink("not.elf"), 0);
    CHECK_EQUAL(exec("no.such.file/x", argv), -1);
}

static void bad_arguments(void) {
    for (int i = 0; i < bad_pointer_count; i++) {
        char* const bad = (char*)bad_pointers[i];
        char* bad_first[] = {bad, 0};
        char* bad_second[] = {(char*)self, bad, 0};
        char* good[] = {(char*)self, 0};
        CHECK_EQUAL(exec(self, (char**)bad), -1);
        CHECK_EQUAL(exec(self, bad_first), -1);
        CHECK_EQUAL(exec(self, bad_second), -1);
        CHECK_EQUAL(exec(bad, good), -1);
    }
}

static void failures_cost_nothing(void) {
    char* argv[] = {(char*)0xfffffffful, 0};
    for (int i = 0; i < 5000; i++)
        CHECK_EQUAL(exec(self, argv), -1);
}

// A program may be written to and go while it runs.
static void program_is_removed(void) {
    static char buffer[BLOCK_BYTES];
    const int from = open(self, O_RDONLY), to = open("removed.tmp", O_CREATE | O_WRONLY);
    CHECK(from >= 0);
    CHECK(to >= 0);
    for (int got; (got = read(from, buffer, sizeof buffer)) > 0;)
        CHECK_EQUAL(write(to, buffer, got), got);
    close(from);
    // It does not matter that somebody could write to it.
    CHECK_EQUAL(status_of_exec("removed.tmp", (char*[]){"removed.tmp", "-count", "a", 0}), 3);
    close(to);
    CHECK_EQUAL(status_of_exec("removed.tmp", (char*[]){"removed.tmp", "-count", "a", 0}), 3);
    const int again = open("removed.tmp", O_WRONLY);
    CHECK(again >= 0);
    close(again);
    CHECK_EQUAL(unlink("removed.tmp"), 0);
}

static void when_memory_is_full(void) {
    const int child = fork();
    if (child == 0) {
        for (char* at; (at = sbrk(PAGE)) != (char*)-1;)
            at[PAGE - 1] = 1;
        exec(self, (char*[]){(char*)self, "-count", 0}); // goes, or says that it cannot
        exit(2);
    }
    CHECK_EQUAL(status_of(child), 2);
}

static const struct test tests[] = {
    TEST(words),
    TEST(same_process),
    TEST(descriptors_stay),
    TEST(most_arguments),
    TEST(largest_arguments),
    TEST(refused),
    TEST(bad_arguments),
    TEST(failures_cost_nothing),
    TEST(program_is_removed),
    TEST(when_memory_is_full),
};

int main(int argc, char** argv) {
    self = argv[0];
    if (argc > 1 && argv[1][0] == '-')
        return run_again(argc, argv);
    return RUN_TESTS(tests, argc, argv);
}
