#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

enum { test_limit_ms = 30000 };

static const char* running = "?";

_Noreturn void fail(const char* file, int line, const char* format, ...) {
    char text[512];
    const char* leaf = strrchr(file, '/');
    int length = snprintf(text, sizeof text, "FAILED %s: %s:%d: ", running, leaf ? leaf + 1 : file, line);
    va_list arguments;
    va_start(arguments, format);
    length += vsnprintf(text + length, sizeof text - (size_t)length - 1, format, arguments);
    va_end(arguments);
    if (length > (int)sizeof text - 2)
        length = (int)sizeof text - 2;
    text[length++] = '\n';
    ssize_t written = write(STDOUT_FILENO, text, (size_t)length);
    _exit(written == length ? 1 : 2);
}

long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void pause_ms(long ms) {
    struct timespec left = {ms / 1000, ms % 1000 * 1000000};
    while (nanosleep(&left, &left) == -1 && errno == EINTR) {}
}

int wait_status(pid_t child) {
    int status = -1;
    pid_t got;
    do
        got = waitpid(child, &status, 0);
    while (got == -1 && errno == EINTR);
    CHECK_EQUAL(got, child);
    return status;
}

void finish_child(pid_t child) {
    int status = wait_status(child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 1)
        _exit(1); // it has said why
    if (status != 0)
        fail(__FILE__, __LINE__, "a child ended with wait status 0x%x", status);
}

int file_with(const char* name, const char* contents) {
    int fd = open(name, O_CREAT | O_TRUNC | O_RDWR, 0644);
    CHECK(fd >= 0);
    size_t length = strlen(contents);
    CHECK_EQUAL(write(fd, contents, length), length);
    CHECK_EQUAL(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static char state_of(pid_t pid) {
    char name[64], text[256];
    snprintf(name, sizeof name, "/proc/%d/stat", pid);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    text[length > 0 ? length : 0] = 0;
    char* end = strrchr(text, ')');
    return end != NULL && end[1] == ' ' ? end[2] : '\0';
}

char await_state(pid_t pid, const char* states) {
    char state = state_of(pid);
    for (int tries = 0; states != NULL && (state == 0 || strchr(states, state) == NULL); tries++) {
        if (tries == 2000)
            fail(__FILE__, __LINE__, "process %d is in state '%c', not one of %s", pid, state ? state : '-', states);
        pause_ms(1);
        state = state_of(pid);
    }
    return state;
}

static void enter_scratch_folder(void) {
    char folder[64];
    snprintf(folder, sizeof folder, "/tmp/check.%d", getpid());
    if (mkdir(folder, 0755) != 0 || chdir(folder) != 0)
        fail(__FILE__, __LINE__, "no folder %s (errno %d)", folder, errno);
}

// Waits until the test ends or its time is up; gives the wait status.
static int watch(pid_t child) {
    int status;
    for (long end = now_ms() + test_limit_ms; waitpid(child, &status, WNOHANG) == 0; pause_ms(1)) {
        if (now_ms() < end)
            continue;
        printf("FAILED %s: not finished after %d s\n", running, test_limit_ms / 1000);
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        return 0x100;
    }
    return status;
}

static bool run_one(const struct test* test) {
    running = test->name;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        enter_scratch_folder();
        test->run();
        _exit(0);
    }
    int status = child < 0 ? 0x200 : watch(child);
    if (status == 0)
        printf("ok %s\n", test->name);
    else if (WIFSIGNALED(status))
        printf("FAILED %s: killed by signal %d\n", test->name, WTERMSIG(status));
    else if (WEXITSTATUS(status) != 1)
        printf("FAILED %s: exit status %d\n", test->name, WEXITSTATUS(status));
    return status == 0;
}

static bool chosen(const char* name, int argc, char** argv) {
    for (int i = 1; i < argc; i++)
        if (strcmp(name, argv[i]) == 0)
            return true;
    return argc < 2;
}

int run_tests(const struct test* tests, size_t count, int argc, char** argv) {
    int failed = 0;
    for (size_t i = 0; i < count; i++)
        if (chosen(tests[i].name, argc, argv) && !run_one(&tests[i]))
            failed++;
    fflush(stdout);
    return failed != 0;
}
