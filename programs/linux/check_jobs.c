// Job control: foreground and background groups of a terminal, stopping and continuing them, orphaned groups.
// Each test makes a session of its own on a pseudo-terminal.
#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

static int keyboard, terminal;
static volatile sig_atomic_t last_signal;

static void on_signal(int signal) {
    last_signal = signal;
}

static void open_terminal(void) {
    keyboard = posix_openpt(O_RDWR | O_NOCTTY);
    CHECK(keyboard >= 0);
    CHECK(grantpt(keyboard) == 0 && unlockpt(keyboard) == 0);
    CHECK(setsid() > 0);
    terminal = open(ptsname(keyboard), O_RDWR);
    CHECK(terminal >= 0);
    signal(SIGTTOU, SIG_IGN); // as a shell does, so that it may move the foreground
}

// A child in a group of its own, that runs BODY once the parent has decided who is in front.
static pid_t job(void (*body)(void), bool foreground) {
    int gate[2];
    CHECK_EQUAL(pipe(gate), 0);
    pid_t child = fork();
    if (child == 0) {
        char byte;
        signal(SIGTTOU, SIG_DFL);
        setpgid(0, 0);
        close(gate[1]);
        if (read(gate[0], &byte, 1) != 0)
            _exit(2);
        body();
        _exit(0);
    }
    CHECK_EQUAL(setpgid(child, child), 0);
    if (foreground)
        CHECK_EQUAL(tcsetpgrp(terminal, child), 0);
    close(gate[0]);
    close(gate[1]);
    return child;
}

static void expect_stopped(pid_t child, int signal) {
    int status;
    CHECK_EQUAL(waitpid(child, &status, WUNTRACED), child);
    CHECK(WIFSTOPPED(status));
    CHECK_EQUAL(WSTOPSIG(status), signal);
}

static void end(pid_t child) {
    kill(child, SIGKILL);
    wait_status(child);
}

static void read_line(void) {
    char text[16];
    CHECK_EQUAL(read(terminal, text, sizeof text), 5);
}

static void write_line(void) {
    CHECK_EQUAL(write(terminal, "out\n", 4), 4);
}

static void sleep_for_ever(void) {
    for (;;)
        pause();
}

static void foreground(void) {
    open_terminal();
    CHECK_EQUAL(tcgetpgrp(terminal), getpgrp());
    pid_t child = job(read_line, true);
    CHECK_EQUAL(tcgetpgrp(terminal), child);
    CHECK_EQUAL(write(keyboard, "line\n", 5), 5);
    finish_child(child);
    CHECK_ERROR(tcsetpgrp(terminal, 0x3ffffff), ESRCH);
    CHECK_ERROR(tcsetpgrp(terminal, -1), EINVAL);
    CHECK_EQUAL(tcsetpgrp(terminal, getpgrp()), 0);
}

static void background_read_stops(void) {
    open_terminal();
    pid_t child = job(read_line, false);
    expect_stopped(child, SIGTTIN);
    CHECK_EQUAL(tcsetpgrp(terminal, child), 0);
    CHECK_EQUAL(kill(-child, SIGCONT), 0);
    CHECK_EQUAL(write(keyboard, "line\n", 5), 5);
    finish_child(child);
}

static void background_write(void) {
    open_terminal();
    pid_t child = job(write_line, false); // without TOSTOP it may write
    finish_child(child);
    struct termios mode;
    CHECK_EQUAL(tcgetattr(terminal, &mode), 0);
    mode.c_lflag |= TOSTOP;
    CHECK_EQUAL(tcsetattr(terminal, TCSANOW, &mode), 0);
    child = job(write_line, false);
    expect_stopped(child, SIGTTOU);
    CHECK_EQUAL(tcsetpgrp(terminal, child), 0);
    kill(-child, SIGCONT);
    finish_child(child);
}

static void set_attributes(void) {
    struct termios mode;
    CHECK_EQUAL(tcgetattr(terminal, &mode), 0);
    CHECK_EQUAL(tcsetattr(terminal, TCSANOW, &mode), 0);
}

static void background_attributes_stop(void) {
    open_terminal();
    pid_t child = job(set_attributes, false);
    expect_stopped(child, SIGTTOU);
    end(child);
}

static void read_ignoring(void) {
    char byte;
    signal(SIGTTIN, SIG_IGN);
    CHECK_ERROR(read(terminal, &byte, 1), EIO);
}

static void background_read_ignored(void) {
    open_terminal();
    finish_child(job(read_ignoring, false));
}

static void keys_reach_foreground(void) {
    open_terminal();
    signal(SIGINT, on_signal);
    pid_t front = job(sleep_for_ever, true), back = job(sleep_for_ever, false);
    await_state(front, "S");
    CHECK_EQUAL(write(keyboard, "\x1a", 1), 1);
    expect_stopped(front, SIGTSTP);
    CHECK_EQUAL(kill(-front, SIGCONT), 0);
    int status;
    CHECK_EQUAL(waitpid(front, &status, WCONTINUED), front);
    CHECK_EQUAL(write(keyboard, "\x03", 1), 1);
    pause_ms(30);
    CHECK_EQUAL(last_signal, 0); // not ours
    // The job inherited our handler for ^C, so it lives; the background job has seen nothing.
    CHECK_EQUAL(waitpid(back, &status, WNOHANG | WUNTRACED), 0);
    end(front);
    end(back);
}

static void interrupt_kills_group(void) {
    open_terminal();
    pid_t first = job(sleep_for_ever, true), second = fork();
    if (second == 0)
        sleep_for_ever();
    CHECK_EQUAL(setpgid(second, first), 0);
    await_state(first, "S");
    await_state(second, "S");
    CHECK_EQUAL(write(keyboard, "\x03", 1), 1);
    CHECK_EQUAL(wait_status(first), SIGINT);
    CHECK_EQUAL(wait_status(second), SIGINT);
}

// The leader of a session ends: its foreground group gets SIGHUP and loses the terminal.
static void leader_exit_hangs_up(void) {
    int ends[2];
    CHECK_EQUAL(pipe(ends), 0);
    pid_t leader = fork();
    if (leader == 0) {
        open_terminal();
        pid_t member = fork();
        if (member == 0)
            sleep_for_ever();
        await_state(member, "S");
        _exit(write(ends[1], &member, sizeof member) != sizeof member);
    }
    pid_t member;
    close(ends[1]);
    CHECK_EQUAL(read(ends[0], &member, sizeof member), sizeof member);
    finish_child(leader);
    char byte;
    CHECK_EQUAL(read(ends[0], &byte, 1), 0); // the member's end closes: it is dead
}

// A stopped group that becomes an orphan is told to hang up and continued.
static void orphaned_group(void) {
    int ends[2];
    CHECK_EQUAL(pipe(ends), 0);
    pid_t parent = fork();
    if (parent == 0) {
        setsid();
        pid_t member = fork();
        if (member == 0) {
            setpgid(0, 0);
            signal(SIGHUP, on_signal);
            raise(SIGSTOP);
            _exit(last_signal == SIGHUP ? (int)write(ends[1], "hup", 3) : 0);
        }
        int status;
        CHECK_EQUAL(waitpid(member, &status, WUNTRACED), member);
        _exit(0);
    }
    finish_child(parent);
    close(ends[1]);
    char text[4];
    CHECK_EQUAL(read(ends[0], text, 4), 3);
}

// A group without a parent in its session cannot be stopped from the terminal: nobody could continue it.
static void orphans_ignore_stop(void) {
    pid_t child = fork();
    if (child == 0) {
        setsid();
        raise(SIGTSTP);
        raise(SIGTTIN);
        _exit(0);
    }
    finish_child(child);
}

static const struct test tests[] = {
    TEST(foreground),
    TEST(background_read_stops),
    TEST(background_write),
    TEST(background_attributes_stop),
    TEST(background_read_ignored),
    TEST(keys_reach_foreground),
    TEST(interrupt_kills_group),
    TEST(leader_exit_hangs_up),
    TEST(orphaned_group),
    TEST(orphans_ignore_stop),
};

int main(int argc, char** argv) {
    return RUN_TESTS(tests, argc, argv);
}
