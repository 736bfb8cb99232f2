// badptr [CALL...]: every system call of a table with bad addresses in each of its pointer arguments, one at a time.
// Prints one line per attempt: CALL ARGUMENT ADDRESS ANSWER, where ANSWER is "ok", an errno, or "signal N". What is
// right is what Linux answers on the same ISA: the output there is kept as a golden file, and compared.
#define _GNU_SOURCE
#include "badptr.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { page = 4096 };

// Three pages: a writable one, one without any right, a read-only one.
static char* writable;
static char* forbidden;
static char* read_only;
static char* hole;

enum address {
    good,
    null,
    low,
    unmapped,
    no_rights,
    readable_only,
    straddling,
    kernel_half,
    non_canonical,
    last_bytes,
    all_ones,
    address_count
};
static const char* const address_names[address_count] = {"good",          "null",       "low",        "unmapped",
                                                         "no-rights",     "read-only",  "straddling", "kernel",
                                                         "non-canonical", "last-bytes", "all-ones"};

static void make_pages(void) {
    writable = mmap(NULL, 8 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    forbidden = writable + 2 * page;
    read_only = writable + 4 * page;
    hole = writable + 6 * page;
    mprotect(forbidden, page, PROT_NONE);
    munmap(hole, page);
}

// Copies what the argument points to, to a place where the kernel meets ADDRESS's trouble; gives the pointer.
static long place(const struct argument* argument, enum address address, int slot) {
    const void* object = (const void*)argument->value;
    size_t size = argument->kind == string ? strlen(object) + 1 : argument->size;
    char* copy = writable + slot * 256;
    switch (address) {
    case good:
        break;
    case null:
        return 0;
    case low:
        return 8;
    case unmapped:
        return (long)hole;
    case no_rights:
        return (long)forbidden;
    case readable_only:
        copy = read_only + slot * 256;
        mprotect(read_only, page, PROT_READ | PROT_WRITE);
        break;
    case straddling: // half of it is in the writable page
        copy = forbidden - (size > 1 ? size / 2 : 0);
        size /= 2;
        break;
    case kernel_half:
        return (long)0xffffffff80000000;
    case non_canonical:
        return (long)0x0008000000000000;
    case last_bytes:
        return -8;
    default:
        return -1;
    }
    if (argument->kind == output)
        memset(copy, 0, size);
    else
        memcpy(copy, object, size);
    if (address == readable_only)
        mprotect(read_only, page, PROT_READ);
    return (long)copy;
}

// A terminal that is this session's own, as long as its other side stays open.
static int open_terminal(void) {
    static int keyboard;
    setsid();
    keyboard = posix_openpt(O_RDWR | O_NOCTTY);
    if (keyboard < 0 || unlockpt(keyboard) != 0)
        return -1;
    return open(ptsname(keyboard), O_RDWR);
}

// The same surroundings for every attempt.
static void make_surroundings(void) {
    int ends[2], fd;
    mkdir("folder", 0755);
    rmdir("new");
    unlink("new");
    fd = open("file", O_CREAT | O_RDWR | O_TRUNC, 0644);
    dup2(fd, file_fd);
    if (write(file_fd, "contents of the file", 20) != 20 || lseek(file_fd, 0, SEEK_SET) != 0)
        _exit(255);
    close(open("program", O_CREAT | O_RDONLY, 0755)); // empty, so that exec refuses it last
    unlink("link");
    if (symlink("file", "link") != 0)
        _exit(255);
    dup2(open("/dev/zero", O_RDWR), zero_fd);
    dup2(open(".", O_RDONLY), folder_fd);
    if (pipe2(ends, O_NONBLOCK) != 0 || write(ends[1], "in the pipe", 11) != 11)
        _exit(255);
    dup2(ends[0], pipe_read_fd);
    dup2(ends[1], pipe_write_fd);
    dup2(open_terminal(), terminal_fd);
}

static long attempt(const struct bad_call* call, int bad, enum address address) {
    long values[6];
    for (int i = 0; i < 6; i++) {
        const struct argument* argument = &call->arguments[i];
        if (argument->kind == plain)
            values[i] = argument->value;
        else
            values[i] = place(argument, i == bad ? address : good, i);
    }
    errno = 0;
    long result = syscall(call->number, values[0], values[1], values[2], values[3], values[4], values[5]);
    return result == -1 ? errno : 0;
}

static void print_answer(const struct bad_call* call, int bad, enum address address, int status) {
    printf("%s %d %s ", call->name, bad + 1, address_names[address]);
    if (WIFSIGNALED(status))
        printf("signal %d\n", WTERMSIG(status));
    else if (WEXITSTATUS(status) == 0)
        printf("ok\n");
    else
        printf("%s\n", strerrorname_np(WEXITSTATUS(status)));
}

// In a process of its own: the call may succeed and do anything to its caller.
static void attempt_in_child(const struct bad_call* call, int bad, enum address address) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        make_surroundings();
        if ((call->number == SYS_wait4 || call->number == SYS_waitid) && fork() == 0)
            _exit(0);
        alarm(2);
        _exit((int)attempt(call, bad, address));
    }
    int status = 0;
    waitpid(child, &status, 0);
    print_answer(call, bad, address, status);
}

static bool chosen(const char* name, int argc, char** argv) {
    for (int i = 1; i < argc; i++)
        if (strcmp(name, argv[i]) == 0)
            return true;
    return argc < 2;
}

int main(int argc, char** argv) {
    char folder[] = "/tmp/badptr.XXXXXX";
    if (mkdtemp(folder) == NULL || chdir(folder) != 0) {
        perror("badptr: a folder in /tmp");
        return 1;
    }
    setvbuf(stdout, NULL, _IOFBF, 8192);
    make_pages();
    // A machine that has just started may have to wait for randomness; the attempts do not.
    if (getrandom(writable, 1, 0) != 1)
        return 1;
    for (size_t i = 0; i < bad_call_count; i++) {
        const struct bad_call* call = &bad_calls[i];
        if (!chosen(call->name, argc, argv))
            continue;
        for (int bad = 0; bad < 6; bad++)
            if (call->arguments[bad].kind != plain)
                for (enum address address = good; address < address_count; address++)
                    attempt_in_child(call, bad, address);
    }
    fflush(stdout);
    return 0;
}
