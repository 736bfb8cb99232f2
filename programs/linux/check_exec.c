// exec: what the new program finds (arguments, environment, auxiliary vector, descriptors, signals) and what is
// refused. The program executes itself: "exec @NAME ..." is the other side of a test.
#include "check.h"

#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

extern char** environ;
static char program[PATH_MAX];

static void execute(char* const arguments[], char* const environment[]) {
    pid_t child = fork();
    if (child == 0) {
        execve(program, arguments, environment);
        _exit(100 + errno % 100);
    }
    finish_child(child);
}

// ---- the other side -----------------------------------------------------------------------------------------------

static void see_arguments(int argc, char** argv) {
    CHECK_EQUAL(argc, 4);
    CHECK(strcmp(argv[2], "") == 0 && strcmp(argv[3], "two words") == 0 && argv[4] == NULL);
    CHECK(strcmp(getenv("KEY"), "value") == 0 && environ[1] == NULL);
    char text[256];
    int fd = open("/proc/self/cmdline", O_RDONLY);
    CHECK_EQUAL(read(fd, text, sizeof text), (long)strlen(argv[0]) + 1 + (long)strlen(argv[1]) + 1 + 1 + 10);
    fd = open("/proc/self/environ", O_RDONLY);
    CHECK_EQUAL(read(fd, text, sizeof text), 10);
    CHECK_EQUAL(strcmp(text, "KEY=value"), 0);
}

static void see_auxiliary_vector(void) {
    CHECK_EQUAL(getauxval(AT_PAGESZ), 4096);
    CHECK_EQUAL(getauxval(AT_CLKTCK), 100);
    CHECK(getauxval(AT_UID) == getuid() && getauxval(AT_EGID) == getegid() && getauxval(AT_SECURE) == 0);
    CHECK(getauxval(AT_RANDOM) != 0);
    CHECK_EQUAL(getauxval(AT_PHENT), sizeof(Elf64_Phdr));
    const Elf64_Phdr* segments = (const Elf64_Phdr*)getauxval(AT_PHDR);
    bool loads = false;
    for (unsigned long i = 0; i < getauxval(AT_PHNUM); i++)
        loads |= segments[i].p_type == PT_LOAD;
    CHECK(loads);
    CHECK(strcmp((const char*)getauxval(AT_EXECFN), program) == 0);
    CHECK(getauxval(AT_PLATFORM) != 0 || strcmp("riscv", "riscv") == 0);
    CHECK(((uintptr_t)__builtin_frame_address(0) & 15) == 0);
}

static void see_descriptors(void) {
    CHECK_ERROR(fcntl(50, F_GETFD), EBADF);
    CHECK_EQUAL(fcntl(51, F_GETFD), 0);
    CHECK_EQUAL(lseek(51, 0, SEEK_CUR), 3);
}

static void see_signals(void) {
    struct sigaction action;
    sigset_t set;
    CHECK_EQUAL(sigaction(SIGUSR1, NULL, &action), 0);
    CHECK(action.sa_handler == SIG_DFL);
    CHECK_EQUAL(sigaction(SIGUSR2, NULL, &action), 0);
    CHECK(action.sa_handler == SIG_IGN);
    CHECK_EQUAL(sigprocmask(SIG_BLOCK, NULL, &set), 0);
    CHECK_EQUAL(sigismember(&set, SIGHUP), 1);
    CHECK_EQUAL(sigpending(&set), 0);
    CHECK_EQUAL(sigismember(&set, SIGHUP), 1);
    stack_t stack;
    CHECK_EQUAL(sigaltstack(NULL, &stack), 0);
    CHECK_EQUAL(stack.ss_flags, SS_DISABLE);
}

// Interpreter, its one argument, the script's path, the rest of the arguments.
static void see_script_arguments(int argc, char** argv) {
    CHECK_EQUAL(argc, 4);
    CHECK(strcmp(argv[0], program) == 0 && strcmp(argv[2], "script") == 0 && strcmp(argv[3], "word") == 0);
}

static int other_side(int argc, char** argv) {
    const char* name = argv[1] + 1;
    if (strcmp(name, "arguments") == 0)
        see_arguments(argc, argv);
    else if (strcmp(name, "auxv") == 0)
        see_auxiliary_vector();
    else if (strcmp(name, "descriptors") == 0)
        see_descriptors();
    else if (strcmp(name, "signals") == 0)
        see_signals();
    else if (strcmp(name, "script") == 0)
        see_script_arguments(argc, argv);
    else if (strcmp(name, "single") == 0)
        CHECK_EQUAL(syscall(SYS_gettid), atoi(argv[2]));
    else if (strcmp(name, "count") == 0)
        CHECK_EQUAL(argc, atoi(argv[2]));
    return 0;
}

// ---- this side ----------------------------------------------------------------------------------------------------

static void arguments(void) {
    execute((char*[]){"a name", "@arguments", "", "two words", NULL}, (char*[]){"KEY=value", NULL});
}

static void auxiliary_vector(void) {
    execute((char*[]){"x", "@auxv", NULL}, environ);
}

static void descriptors(void) {
    int fd = file_with("file", "0123456789");
    CHECK_EQUAL(dup3(fd, 50, O_CLOEXEC), 50);
    CHECK_EQUAL(dup2(fd, 51), 51);
    CHECK_EQUAL(lseek(fd, 3, SEEK_SET), 3);
    execute((char*[]){"x", "@descriptors", NULL}, environ);
}

static void on_signal(int signal) {
    (void)signal;
}

static void signals_after_exec(void) {
    static char stack[65536];
    stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&alternative, NULL);
    signal(SIGUSR1, on_signal);
    signal(SIGUSR2, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGHUP); // stays pending across exec, in this very process
    char* const words[] = {"x", "@signals", NULL};
    execve(program, words, environ);
    fail(__FILE__, __LINE__, "execve answered (errno %d)", errno);
}

static void* execute_from_thread(void* pid) {
    char text[16];
    snprintf(text, sizeof text, "%d", *(int*)pid);
    char* const words[] = {"x", "@single", text, NULL};
    execve(program, words, environ);
    return NULL;
}

static void* sleep_for_ever(void* unused) {
    for (;;)
        pause();
    return unused;
}

// exec in a thread ends the others, and the caller becomes the first thread with the process's number.
static void from_a_thread(void) {
    pid_t child = fork();
    if (child == 0) {
        pthread_t thread;
        int pid = getpid();
        for (int i = 0; i < 3; i++)
            CHECK_EQUAL(pthread_create(&thread, NULL, sleep_for_ever, NULL), 0);
        CHECK_EQUAL(pthread_create(&thread, NULL, execute_from_thread, &pid), 0);
        pthread_join(thread, NULL);
        _exit(20);
    }
    finish_child(child);
}

static void refused(void) {
    char* const words[] = {"x", NULL};
    int fd = open("text", O_CREAT | O_RDWR, 0755);
    CHECK_EQUAL(write(fd, "no program\n", 11), 11);
    close(fd);
    CHECK_ERROR(execve("missing", words, environ), ENOENT);
    CHECK_ERROR(execve("text", words, environ), ENOEXEC);
    CHECK_ERROR(execve(".", words, environ), EACCES);
    CHECK_ERROR(execve("text/x", words, environ), ENOTDIR);
    CHECK_EQUAL(chmod("text", 0644), 0);
    CHECK_ERROR(execve("text", words, environ), EACCES);
    fd = open("empty", O_CREAT | O_RDWR, 0755);
    close(fd);
    CHECK_ERROR(execve("empty", words, environ), ENOEXEC);
    fd = open("writing", O_CREAT | O_RDWR, 0755);
    CHECK_EQUAL(write(fd, "#!/bin/sh\n", 10), 10);
    CHECK_ERROR(execve("writing", words, environ), ETXTBSY);
}

// Copies of this program with something broken.
static int broken_copy(const char* name, void (*spoil)(Elf64_Ehdr* header, Elf64_Phdr* segments), off_t length) {
    struct stat status;
    int from = open(program, O_RDONLY);
    CHECK_EQUAL(fstat(from, &status), 0);
    char* image = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, from, 0);
    CHECK(image != MAP_FAILED);
    Elf64_Ehdr* header = (Elf64_Ehdr*)(void*)image;
    if (spoil != NULL)
        spoil(header, (Elf64_Phdr*)(void*)(image + header->e_phoff));
    int to = open(name, O_CREAT | O_RDWR, 0755);
    size_t size = length > 0 ? (size_t)length : (size_t)status.st_size;
    CHECK_EQUAL(write(to, image, size), size);
    close(to);
    char* const words[] = {"x", "@count", "3", NULL};
    pid_t child = fork();
    if (child == 0) {
        execve(name, words, environ);
        _exit(errno);
    }
    return wait_status(child);
}

static void other_machine(Elf64_Ehdr* header, Elf64_Phdr* segments) {
    (void)segments;
    header->e_machine = EM_SPARCV9;
}
static void wrong_class(Elf64_Ehdr* header, Elf64_Phdr* segments) {
    (void)segments;
    header->e_phentsize = 5;
}
static void no_segments(Elf64_Ehdr* header, Elf64_Phdr* segments) {
    (void)segments;
    header->e_phnum = 0;
}
static void kernel_address(Elf64_Ehdr* header, Elf64_Phdr* segments) {
    for (int i = 0; i < header->e_phnum; i++)
        if (segments[i].p_type == PT_LOAD)
            segments[i].p_vaddr |= (Elf64_Addr)0xffff << 48;
}
static void larger_in_file(Elf64_Ehdr* header, Elf64_Phdr* segments) {
    for (int i = 0; i < header->e_phnum; i++)
        if (segments[i].p_type == PT_LOAD)
            segments[i].p_memsz = 1;
}
static void huge(Elf64_Ehdr* header, Elf64_Phdr* segments) {
    for (int i = 0; i < header->e_phnum; i++)
        if (segments[i].p_type == PT_LOAD)
            segments[i].p_memsz = (Elf64_Xword)1 << 62;
}

// A broken program is refused with an error or dies; it never starts, and the kernel lives.
static void broken_programs(void) {
    CHECK_EQUAL(broken_copy("good", NULL, 0), 0);
    CHECK_EQUAL(WEXITSTATUS(broken_copy("machine", other_machine, 0)), ENOEXEC);
    CHECK_EQUAL(WEXITSTATUS(broken_copy("class", wrong_class, 0)), ENOEXEC);
    CHECK_EQUAL(WEXITSTATUS(broken_copy("header", NULL, 40)), ENOEXEC);
    CHECK(broken_copy("segments", no_segments, 0) != 0);
    CHECK(broken_copy("kernel", kernel_address, 0) != 0);
    CHECK(broken_copy("memory", larger_in_file, 0) != 0);
    CHECK(broken_copy("huge", huge, 0) != 0);
    CHECK(broken_copy("truncated", NULL, 5000) != 0);
}

static void scripts(void) {
    int fd = open("script", O_CREAT | O_RDWR, 0755);
    char text[PATH_MAX + 64];
    snprintf(text, sizeof text, "#! %s @script\n", program);
    CHECK_EQUAL(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    pid_t child = fork();
    if (child == 0) {
        execve("script", (char*[]){"x", "word", NULL}, environ);
        _exit(50);
    }
    finish_child(child);
    fd = open("nobody", O_CREAT | O_RDWR, 0755);
    CHECK_EQUAL(write(fd, "#!/missing/program\n", 19), 19);
    close(fd);
    CHECK_ERROR(execve("nobody", (char*[]){"x", NULL}, environ), ENOENT);
}

// A quarter of the stack's limit (8 MB) may be arguments; one word may have 128 KiB.
static void nearly_too_large(void) {
    enum { length = 130000, count = 18 };
    static char word[length + 1];
    memset(word, 'w', length);
    static char* words[count + 1];
    words[0] = "x", words[1] = "@count", words[2] = "18";
    for (int i = 3; i < count; i++)
        words[i] = word;
    execute(words, (char*[]){NULL});
}

static void too_large(void) {
    enum { length = 131072 };
    static char word[length + 1];
    memset(word, 'w', length);
    CHECK_ERROR(execve(program, (char*[]){"x", word, NULL}, environ), E2BIG); // one word of 128 KiB
    word[length - 2] = 0;
    static char* words[100];
    for (int i = 0; i < 99; i++)
        words[i] = word;
    CHECK_ERROR(execve(program, words, environ), E2BIG); // 13 MB in all
}

static int after_vfork;

static void vfork_waits(void) {
    pid_t child = vfork();
    if (child == 0) {
        pause_ms(50);
        after_vfork = 1;
        _exit(0);
    }
    CHECK_EQUAL(after_vfork, 1);
    finish_child(child);
    child = vfork();
    if (child == 0) {
        char* const words[] = {"x", "@count", "3", NULL};
        execve(program, words, environ);
        _exit(9);
    }
    finish_child(child);
}

static void by_descriptor(void) {
    int fd = open(program, O_RDONLY | O_CLOEXEC);
    pid_t child = fork();
    if (child == 0) {
        syscall(SYS_execveat, fd, "", (char*[]){"x", "@count", "3", NULL}, environ, AT_EMPTY_PATH);
        _exit(errno);
    }
    finish_child(child);
}

static void own_file(void) {
    char path[PATH_MAX] = "";
    CHECK(readlink("/proc/self/exe", path, sizeof path - 1) > 0);
    CHECK_EQUAL(strcmp(path, program), 0);
    CHECK_ERROR(open(program, O_WRONLY), ETXTBSY);
}

static const struct test tests[] = {
    TEST(arguments),   TEST(auxiliary_vector), TEST(descriptors), TEST(signals_after_exec), TEST(from_a_thread),
    TEST(refused),     TEST(broken_programs),  TEST(scripts),     TEST(nearly_too_large),   TEST(too_large),
    TEST(vfork_waits), TEST(by_descriptor),    TEST(own_file),
};

int main(int argc, char** argv) {
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length <= 0) {
        printf("FAILED exec: /proc/self/exe is not there\n");
        return 1;
    }
    if (argc > 1 && argv[1][0] == '@')
        return other_side(argc, argv);
    return RUN_TESTS(tests, argc, argv);
}
