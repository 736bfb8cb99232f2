// Terminals: line discipline, special characters, raw reads, window size. They run on a pseudo-terminal where the
// system has them, so that the test is also its keyboard; what needs no keyboard is tried on the console.
#include "check.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

static int keyboard, terminal;
static char text[256];
static volatile sig_atomic_t last_signal;

static void on_signal(int signal) {
    last_signal = signal;
}

// A fresh pseudo-terminal that is the controlling terminal of a session of our own.
static void open_terminal(void) {
    keyboard = posix_openpt(O_RDWR | O_NOCTTY);
    CHECK(keyboard >= 0);
    CHECK(grantpt(keyboard) == 0 && unlockpt(keyboard) == 0);
    CHECK(setsid() > 0);
    terminal = open(ptsname(keyboard), O_RDWR); // becomes the controlling terminal
    CHECK(terminal >= 0);
}

// A pseudo-terminal takes what is typed in its own time.
static void expect_signal(int signal) {
    for (int tries = 0; last_signal != signal && tries < 1000; tries++)
        pause_ms(1);
    CHECK_EQUAL(last_signal, signal);
}

static void type(const char* keys) {
    CHECK_EQUAL(write(keyboard, keys, strlen(keys)), strlen(keys));
}

static void expect_read(const char* expected) {
    ssize_t length = read(terminal, text, sizeof text - 1);
    CHECK(length >= 0);
    text[length] = 0;
    if (strcmp(text, expected) != 0)
        fail(__FILE__, __LINE__, "read \"%s\", not \"%s\"", text, expected);
}

static void expect_screen(const char* expected) {
    struct pollfd one = {.fd = keyboard, .events = POLLIN};
    size_t length = 0;
    while (length < strlen(expected) && poll(&one, 1, 1000) == 1) {
        ssize_t got = read(keyboard, text + length, sizeof text - 1 - length);
        CHECK(got > 0);
        length += (size_t)got;
    }
    text[length] = 0;
    if (strcmp(text, expected) != 0)
        fail(__FILE__, __LINE__, "the screen shows \"%s\", not \"%s\"", text, expected);
}

static bool readable(void) {
    struct pollfd one = {.fd = terminal, .events = POLLIN};
    return poll(&one, 1, 20) == 1;
}

static void change(tcflag_t input, tcflag_t output, tcflag_t local, int minimum, int time) {
    struct termios mode;
    CHECK_EQUAL(tcgetattr(terminal, &mode), 0);
    mode.c_iflag = input;
    mode.c_oflag = output;
    mode.c_lflag = local;
    mode.c_cc[VMIN] = (cc_t)minimum;
    mode.c_cc[VTIME] = (cc_t)time;
    CHECK_EQUAL(tcsetattr(terminal, TCSANOW, &mode), 0);
}

static void attributes(void) {
    open_terminal();
    struct termios mode, again;
    CHECK_EQUAL(tcgetattr(terminal, &mode), 0);
    CHECK((mode.c_lflag & (ICANON | ECHO | ISIG)) == (ICANON | ECHO | ISIG));
    CHECK((mode.c_iflag & ICRNL) != 0 && (mode.c_oflag & (OPOST | ONLCR)) == (OPOST | ONLCR));
    CHECK(mode.c_cc[VINTR] == 3 && mode.c_cc[VEOF] == 4 && mode.c_cc[VERASE] == 127 && mode.c_cc[VSUSP] == 26);
    mode.c_lflag &= ~(tcflag_t)ECHO;
    mode.c_cc[VINTR] = 7;
    CHECK_EQUAL(tcsetattr(terminal, TCSADRAIN, &mode), 0);
    CHECK_EQUAL(tcgetattr(terminal, &again), 0);
    CHECK_EQUAL(memcmp(mode.c_cc, again.c_cc, sizeof mode.c_cc), 0);
    CHECK_EQUAL(mode.c_lflag, again.c_lflag);
    CHECK_EQUAL(tcsetattr(terminal, TCSAFLUSH, &mode), 0);
    int fd = file_with("file", "");
    CHECK_ERROR(tcgetattr(fd, &mode), ENOTTY);
    CHECK_EQUAL(isatty(terminal), 1);
}

static void lines(void) {
    open_terminal();
    type("one");
    CHECK(!readable());
    type("\rtwo\n");
    CHECK(readable());
    expect_read("one\n");
    expect_read("two\n");
    type("a longer line\n");
    CHECK_EQUAL(read(terminal, text, 2), 2); // the rest stays
    expect_read("longer line\n");
}

static void editing(void) {
    open_terminal();
    type("abx\x7f"
         "c\n");
    expect_read("abc\n");
    type("wrong\x15right\n"); // ^U
    expect_read("right\n");
    type("two words\x17"
         "more\n"); // ^W
    expect_read("two more\n");
    type("\x16\x03\n"); // ^V takes the next one as it is
    expect_read("\x03\n");
}

static void end_of_file(void) {
    open_terminal();
    type("part\x04");
    expect_read("part");
    type("\x04");
    expect_read("");
    type("more\n");
    expect_read("more\n");
}

static void echoes(void) {
    open_terminal();
    type("ab\r");
    expect_screen("ab\r\n");
    type("x\x7f");
    expect_screen("x\b \b");
    type("\x01\n");
    expect_screen("^A\r\n");
    change(ICRNL, OPOST | ONLCR, ICANON, 1, 0);
    type("secret\n");
    expect_read("ab\n");
    CHECK_EQUAL(write(terminal, "shown\n", 6), 6);
    expect_screen("shown\r\n");
    change(ICRNL, 0, ICANON, 1, 0);
    CHECK_EQUAL(write(terminal, "raw\n", 4), 4);
    expect_screen("raw\n");
}

static void signal_keys(void) {
    open_terminal();
    struct sigaction action = {.sa_flags = 0};
    action.sa_handler = on_signal;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGQUIT, &action, NULL);
    sigaction(SIGTSTP, &action, NULL);
    type("lost\x03kept\n");
    expect_signal(SIGINT);
    expect_read("kept\n");
    type("\x1c");
    expect_signal(SIGQUIT);
    type("\x1a");
    expect_signal(SIGTSTP);
    last_signal = 0;
    change(ICRNL, OPOST, ICANON, 1, 0); // no ISIG
    type("a\x03\n");
    expect_read("a\x03\n");
    CHECK_EQUAL(last_signal, 0);
}

static void raw_reads(void) {
    open_terminal();
    change(0, 0, 0, 1, 0);
    type("x");
    expect_read("x");
    type("\r\x03\x04");
    expect_read("\r\x03\x04");
    change(0, 0, 0, 0, 0); // at once
    CHECK_EQUAL(read(terminal, text, 10), 0);
    change(0, 0, 0, 0, 1); // a tenth of a second
    long start = now_ms();
    CHECK_EQUAL(read(terminal, text, 10), 0);
    CHECK(now_ms() - start >= 90);
    change(0, 0, 0, 3, 0);
    pid_t child = fork();
    if (child == 0) {
        type("1");
        pause_ms(30);
        type("23");
        _exit(0);
    }
    CHECK_EQUAL(read(terminal, text, 10), 3);
    finish_child(child);
    change(0, 0, 0, 10, 1); // the time between bytes ends it
    type("ab");
    CHECK_EQUAL(read(terminal, text, 10), 2);
}

static void waiting_bytes(void) {
    open_terminal();
    int count = -1;
    change(ICRNL, 0, ICANON, 1, 0);
    type("abc\nde");
    CHECK(readable());
    CHECK_EQUAL(ioctl(terminal, FIONREAD, &count), 0);
    CHECK_EQUAL(count, 4);
    CHECK_EQUAL(tcflush(terminal, TCIFLUSH), 0);
    CHECK(!readable());
    fcntl(terminal, F_SETFL, O_NONBLOCK);
    CHECK_ERROR(read(terminal, text, 1), EAGAIN);
}

static void window_size(void) {
    open_terminal();
    struct sigaction action = {.sa_flags = 0};
    action.sa_handler = on_signal;
    sigaction(SIGWINCH, &action, NULL);
    struct winsize size = {.ws_row = 33, .ws_col = 99}, now;
    CHECK_EQUAL(ioctl(keyboard, TIOCSWINSZ, &size), 0);
    CHECK_EQUAL(ioctl(terminal, TIOCGWINSZ, &now), 0);
    CHECK(now.ws_row == 33 && now.ws_col == 99);
    expect_signal(SIGWINCH);
}

static void controlling(void) {
    open_terminal();
    int fd = open("/dev/tty", O_RDWR);
    CHECK(fd >= 0);
    CHECK_EQUAL(tcgetpgrp(fd), getpgrp());
    CHECK_EQUAL(tcgetsid(fd), getsid(0));
    type("by name\n");
    CHECK_EQUAL(read(fd, text, 8), 8);
    pid_t child = fork();
    if (child == 0) {
        setsid();
        CHECK_ERROR(open("/dev/tty", O_RDWR), ENXIO);
        CHECK_ERROR(tcgetpgrp(terminal), ENOTTY);
        _exit(0);
    }
    finish_child(child);
}

static void hang_up(void) {
    open_terminal();
    struct sigaction action = {.sa_flags = 0};
    action.sa_handler = on_signal;
    sigaction(SIGHUP, &action, NULL);
    close(keyboard);
    expect_signal(SIGHUP);
    CHECK_EQUAL(read(terminal, text, 1), 0);
    CHECK_ERROR(write(terminal, "x", 1), EIO);
}

// What the console can do without a keyboard.
static void console(void) {
    int fd = open("/dev/tty", O_RDWR);
    if (fd < 0)
        fd = open("/dev/console", O_RDWR | O_NOCTTY);
    CHECK(fd >= 0);
    struct termios before, mode, after;
    CHECK_EQUAL(tcgetattr(fd, &before), 0);
    mode = before;
    mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    mode.c_cc[VMIN] = 0;
    mode.c_cc[VTIME] = 1;
    CHECK_EQUAL(tcsetattr(fd, TCSANOW, &mode), 0);
    CHECK_EQUAL(tcgetattr(fd, &after), 0);
    CHECK_EQUAL(after.c_lflag & (ICANON | ECHO), 0);
    CHECK_EQUAL(read(fd, text, 10), 0);
    CHECK_EQUAL(tcsetattr(fd, TCSANOW, &before), 0);
    struct winsize size;
    CHECK_EQUAL(ioctl(fd, TIOCGWINSZ, &size), 0);
}

static const struct test tests[] = {
    TEST(console),     TEST(attributes), TEST(lines),         TEST(editing),     TEST(end_of_file), TEST(echoes),
    TEST(signal_keys), TEST(raw_reads),  TEST(waiting_bytes), TEST(window_size), TEST(controlling), TEST(hang_up),
};

int main(int argc, char** argv) {
    return RUN_TESTS(tests, argc, argv);
}
