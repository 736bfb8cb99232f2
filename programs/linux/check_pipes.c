// Pipes: order, ends, atomic writes, non-blocking ends, polling.
#include "check.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>

static int ends[2];

static void make_pipe(int flags) {
    CHECK_EQUAL(pipe2(ends, flags), 0);
}

static void bytes_in_order(void) {
    make_pipe(0);
    char text[8] = "";
    CHECK_EQUAL(write(ends[1], "abc", 3), 3);
    CHECK_EQUAL(write(ends[1], "def", 3), 3);
    CHECK_EQUAL(read(ends[0], text, 4), 4);
    CHECK_EQUAL(memcmp(text, "abcd", 4), 0);
    int waiting = 0;
    CHECK_EQUAL(ioctl(ends[0], FIONREAD, &waiting), 0);
    CHECK_EQUAL(waiting, 2);
    CHECK_EQUAL(read(ends[0], text, 8), 2);
    CHECK_EQUAL(memcmp(text, "ef", 2), 0);
}

static void end_of_file(void) {
    make_pipe(0);
    char byte;
    CHECK_EQUAL(write(ends[1], "x", 1), 1);
    close(ends[1]);
    CHECK_EQUAL(read(ends[0], &byte, 1), 1);
    CHECK_EQUAL(read(ends[0], &byte, 1), 0);
    CHECK_EQUAL(read(ends[0], &byte, 1), 0);
}

static void broken_pipe(void) {
    make_pipe(0);
    close(ends[0]);
    pid_t child = fork();
    if (child == 0) {
        ssize_t written = write(ends[1], "x", 1);
        _exit(written == 1);
    }
    CHECK_EQUAL(wait_status(child), SIGPIPE);
    signal(SIGPIPE, SIG_IGN);
    CHECK_ERROR(write(ends[1], "x", 1), EPIPE);
}

static void wrong_end(void) {
    make_pipe(0);
    char byte;
    CHECK_ERROR(write(ends[0], "x", 1), EBADF);
    CHECK_ERROR(read(ends[1], &byte, 1), EBADF);
    CHECK_ERROR(lseek(ends[0], 0, SEEK_SET), ESPIPE);
    CHECK_ERROR(pread(ends[0], &byte, 1, 0), ESPIPE);
    CHECK_ERROR(ftruncate(ends[1], 0), EINVAL);
    CHECK_ERROR(pipe2(ends, 1), EINVAL);
}

static void not_blocking(void) {
    make_pipe(O_NONBLOCK);
    char byte, block[4096];
    memset(block, 'b', sizeof block);
    CHECK_ERROR(read(ends[0], &byte, 1), EAGAIN);
    long total = 0;
    ssize_t written;
    while ((written = write(ends[1], block, sizeof block)) > 0)
        total += written;
    CHECK_EQUAL(errno, EAGAIN);
    CHECK_EQUAL(total, 65536);
    CHECK_EQUAL(fcntl(ends[1], F_GETPIPE_SZ), 65536);
    CHECK_ERROR(write(ends[1], "x", 1), EAGAIN);
    CHECK_EQUAL(read(ends[0], block, sizeof block), sizeof block);
    CHECK_EQUAL(write(ends[1], block, sizeof block), sizeof block);
    CHECK_EQUAL(fcntl(ends[0], F_GETFL) & (O_ACCMODE | O_NONBLOCK), O_RDONLY | O_NONBLOCK);
    CHECK_EQUAL(fcntl(ends[1], F_GETFL) & (O_ACCMODE | O_NONBLOCK), O_WRONLY | O_NONBLOCK);
}

static void partial_when_large(void) {
    make_pipe(O_NONBLOCK);
    static char large[100000];
    CHECK_EQUAL(write(ends[1], large, sizeof large), 65536);
    CHECK_ERROR(write(ends[1], large, sizeof large), EAGAIN);
}

// Several writers of PIPE_BUF bytes: no two writes may mix.
static void atomic_writes(void) {
    make_pipe(0);
    enum { writers = 4, turns = 40 };
    for (int i = 0; i < writers; i++)
        if (fork() == 0) {
            char block[PIPE_BUF];
            memset(block, 'a' + i, sizeof block);
            for (int turn = 0; turn < turns; turn++)
                if (write(ends[1], block, sizeof block) != PIPE_BUF)
                    _exit(2);
            _exit(0);
        }
    close(ends[1]);
    static char all[writers * turns * PIPE_BUF];
    size_t length = 0;
    ssize_t got;
    while ((got = read(ends[0], all + length, 1000)) > 0)
        length += (size_t)got;
    CHECK_EQUAL(length, sizeof all);
    for (size_t i = 0; i < length; i++)
        CHECK_EQUAL(all[i], all[i / PIPE_BUF * PIPE_BUF]);
    for (int i = 0, status = -1; i < writers; i++) {
        CHECK(waitpid(-1, &status, 0) > 0);
        CHECK_EQUAL(status, 0);
    }
}

static void large_stream(void) {
    make_pipe(0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        static char block[10007];
        for (int i = 0; i < 100; i++) {
            memset(block, i, sizeof block);
            if (write(ends[1], block, sizeof block) != sizeof block)
                _exit(2);
        }
        _exit(0);
    }
    close(ends[1]);
    char part[777];
    long total = 0;
    ssize_t got;
    while ((got = read(ends[0], part, sizeof part)) > 0)
        for (ssize_t i = 0; i < got; i++, total++)
            CHECK_EQUAL(part[i], (char)(total / 10007));
    CHECK_EQUAL(total, 100 * 10007);
    finish_child(child);
}

static short polled(int fd, short events, int timeout) {
    struct pollfd one = {.fd = fd, .events = events};
    int ready = poll(&one, 1, timeout);
    CHECK_EQUAL(ready, one.revents != 0);
    return one.revents;
}

static void polling(void) {
    make_pipe(O_NONBLOCK);
    CHECK_EQUAL(polled(ends[0], POLLIN, 0), 0);
    CHECK_EQUAL(polled(ends[1], POLLOUT, 0), POLLOUT);
    long start = now_ms();
    CHECK_EQUAL(polled(ends[0], POLLIN, 30), 0);
    CHECK(now_ms() - start >= 29);
    CHECK_EQUAL(write(ends[1], "x", 1), 1);
    CHECK_EQUAL(polled(ends[0], POLLIN, -1), POLLIN);
    static char large[65536];
    CHECK_EQUAL(write(ends[1], large, sizeof large) > 0, 1);
    CHECK_EQUAL(polled(ends[1], POLLOUT, 0), 0);
    close(ends[1]);
    CHECK_EQUAL(polled(ends[0], POLLIN, 0), POLLIN | POLLHUP);
    while (read(ends[0], large, sizeof large) > 0) {}
    CHECK_EQUAL(polled(ends[0], POLLIN, -1), POLLHUP);
    close(ends[0]);
    CHECK_EQUAL(polled(ends[0], POLLIN, -1), POLLNVAL);
    make_pipe(0);
    close(ends[0]);
    CHECK_EQUAL(polled(ends[1], POLLOUT, 0), POLLOUT | POLLERR);
    CHECK_EQUAL(polled(-1, POLLIN, 0), 0);
}

static void poll_wakes(void) {
    make_pipe(0);
    pid_t child = fork();
    if (child == 0) {
        pause_ms(50);
        _exit(write(ends[1], "x", 1) != 1);
    }
    long start = now_ms();
    CHECK_EQUAL(polled(ends[0], POLLIN, 5000), POLLIN);
    CHECK(now_ms() - start < 4000);
    finish_child(child);
}

static void selecting(void) {
    make_pipe(0);
    fd_set in, out;
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_SET(ends[0], &in);
    FD_SET(ends[1], &out);
    struct timeval limit = {1, 0};
    CHECK_EQUAL(select(ends[1] + 1, &in, &out, NULL, &limit), 1);
    CHECK(!FD_ISSET(ends[0], &in) && FD_ISSET(ends[1], &out));
    CHECK_EQUAL(write(ends[1], "x", 1), 1);
    FD_SET(ends[0], &in);
    CHECK_EQUAL(select(ends[1] + 1, &in, NULL, NULL, NULL), 1);
    CHECK(FD_ISSET(ends[0], &in));
    close(ends[1]);
    FD_ZERO(&in);
    FD_SET(ends[1], &in);
    CHECK_ERROR(select(ends[1] + 1, &in, NULL, NULL, NULL), EBADF);
}

static void on_signal(int signal) {
    (void)signal;
}

// ppoll opens the mask for the wait only.
static void ppoll_mask(void) {
    make_pipe(0);
    struct sigaction action = {.sa_flags = 0};
    action.sa_handler = on_signal;
    sigaction(SIGUSR1, &action, NULL);
    sigset_t set, none;
    sigemptyset(&none);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGUSR1);
    struct pollfd one = {.fd = ends[0], .events = POLLIN};
    struct timespec limit = {2, 0};
    CHECK_ERROR(ppoll(&one, 1, &limit, &none), EINTR);
    sigprocmask(SIG_BLOCK, NULL, &set);
    CHECK_EQUAL(sigismember(&set, SIGUSR1), 1);
}

static void vectors(void) {
    make_pipe(0);
    char a[3], b[5] = "";
    struct iovec out[3] = {{"ab", 2}, {NULL, 0}, {"cdef", 4}}, in[2] = {{a, 3}, {b, 5}};
    CHECK_EQUAL(writev(ends[1], out, 3), 6);
    CHECK_EQUAL(readv(ends[0], in, 2), 6);
    CHECK_EQUAL(memcmp(a, "abc", 3), 0);
    CHECK_EQUAL(memcmp(b, "def", 3), 0);
    CHECK_ERROR(writev(ends[1], out, -1), EINVAL);
    CHECK_ERROR(writev(ends[1], out, 1025), EINVAL);
    CHECK_EQUAL(writev(ends[1], out, 0), 0);
}

static void named_pipe(void) {
    CHECK_EQUAL(mkfifo("fifo", 0600), 0);
    struct stat status;
    CHECK_EQUAL(stat("fifo", &status), 0);
    CHECK(S_ISFIFO(status.st_mode));
    CHECK_ERROR(open("fifo", O_WRONLY | O_NONBLOCK), ENXIO);
    pid_t child = fork();
    if (child == 0) {
        int fd = open("fifo", O_WRONLY);
        _exit(fd < 0 || write(fd, "hello", 5) != 5);
    }
    int fd = open("fifo", O_RDONLY);
    CHECK(fd >= 0);
    char text[8];
    CHECK_EQUAL(read(fd, text, 8), 5);
    CHECK_EQUAL(read(fd, text, 8), 0);
    finish_child(child);
    close(fd);
    fd = open("fifo", O_RDONLY | O_NONBLOCK);
    CHECK(fd >= 0);
    CHECK_EQUAL(read(fd, text, 8), 0);
    CHECK_EQUAL(unlink("fifo"), 0);
}

/// A writer that comes and goes while the reader is still on its way in.
static void named_pipe_in_passing(void) {
    CHECK_EQUAL(mkfifo("passing", 0600), 0);
    for (int round = 0; round < 300; ++round) {
        pid_t child = fork();
        if (child == 0) {
            int fd = open("passing", O_WRONLY);
            _exit(fd < 0 || write(fd, "x", 1) != 1);
        }
        int fd = open("passing", O_RDONLY);
        char text;
        CHECK_EQUAL(read(fd, &text, 1), 1);
        finish_child(child);
        close(fd);
    }
    CHECK_EQUAL(unlink("passing"), 0);
}

static void pipe_status(void) {
    make_pipe(O_CLOEXEC);
    struct stat status;
    CHECK_EQUAL(fstat(ends[0], &status), 0);
    CHECK(S_ISFIFO(status.st_mode));
    CHECK_EQUAL(fcntl(ends[0], F_GETFD), FD_CLOEXEC);
    char target[64] = "", name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", ends[0]);
    CHECK(readlink(name, target, sizeof target - 1) > 0);
    CHECK_EQUAL(strncmp(target, "pipe:[", 6), 0);
}

static const struct test tests[] = {
    TEST(bytes_in_order),     TEST(end_of_file),   TEST(broken_pipe),  TEST(wrong_end),  TEST(not_blocking),
    TEST(partial_when_large), TEST(atomic_writes), TEST(large_stream), TEST(polling),    TEST(poll_wakes),
    TEST(selecting),          TEST(ppoll_mask),    TEST(vectors),      TEST(named_pipe), TEST(named_pipe_in_passing),
    TEST(pipe_status),
};

int main(int argc, char** argv) {
    return RUN_TESTS(tests, argc, argv);
}
