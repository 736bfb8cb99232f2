// A dynamically linked program: the kernel maps it and its interpreter (ld.so), which brings the C library and
// library.c. Built a second time as static-pie (no interpreter: the program relocates itself), without the library.
#include "../check.h"

#include "library.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { page = 4096 };

extern char __executable_start;

static void headers(void) {
    const ElfW(Phdr)* segment = (const ElfW(Phdr)*)getauxval(AT_PHDR);
    CHECK_EQUAL(getauxval(AT_PHENT), sizeof *segment);
    bool interpreter = false;
    for (unsigned long i = 0; i < getauxval(AT_PHNUM); i++) {
        if (segment[i].p_type == PT_PHDR) // where the program lies, and that it was told so
            CHECK_EQUAL((uintptr_t)segment - segment[i].p_vaddr, (uintptr_t)&__executable_start);
        interpreter = interpreter || segment[i].p_type == PT_INTERP;
    }
    const char* base = (const char*)getauxval(AT_BASE);
    CHECK_EQUAL(base != NULL, interpreter);
    if (base != NULL)
        CHECK(memcmp(base, ELFMAG, SELFMAG) == 0);
    const ElfW(Ehdr)* own = (const ElfW(Ehdr)*)&__executable_start;
    CHECK_EQUAL(own->e_type, ET_DYN);
    CHECK_EQUAL(getauxval(AT_ENTRY), (uintptr_t)own + own->e_entry);
}

static int answer(void) {
    return 42;
}
static int (*const table[1])(void) = {answer};

// Relocated words are read-only once the program runs; a store is a SIGSEGV, not a change.
static void relocated_is_read_only(void) {
    int (*const volatile* entry)(void) = table;
    CHECK_EQUAL((*entry)(), 42);
    pid_t child = fork();
    if (child == 0) {
        *(void* volatile*)(uintptr_t)entry = NULL;
        _exit(0);
    }
    int status = wait_status(child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

static void executed_again(void) {
    pid_t child = fork();
    if (child == 0) {
        char* const arguments[] = {"again", "headers", NULL};
        dup2(STDERR_FILENO, STDOUT_FILENO);
        execve("/proc/self/exe", arguments, environ);
        _exit(127);
    }
    finish_child(child);
}

#ifndef STATIC_PIE

static void* count_twice(void* unused) {
    (void)unused;
    CHECK_EQUAL(library_count(), 42);
    CHECK_EQUAL(library_count(), 43);
    return NULL;
}

static void library(void) {
    pthread_t thread;
    count_twice(NULL);
    CHECK_EQUAL(pthread_create(&thread, NULL, count_twice, NULL), 0);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    CHECK_EQUAL(library_count(), 44);
    CHECK_EQUAL(library_table[0]() + library_table[1](), 3);
}

static void loaded_later(void) {
    void* mathematics = dlopen("libm.so.6", RTLD_NOW);
    CHECK(mathematics != NULL);
    double (*cosine)(double) = (double (*)(double))dlsym(mathematics, "cos");
    CHECK(cosine != NULL);
    CHECK(cosine(0) == 1);
    CHECK_EQUAL(dlclose(mathematics), 0);
    CHECK(dlopen("libnobody.so.1", RTLD_NOW) == NULL);
}

#endif

// An interpreter that is not there: exec's own error, before the old program is gone.
static void no_interpreter(void) {
    char image[2 * page];
    int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    ssize_t length = read(from, image, sizeof image);
    close(from);
    CHECK(length == sizeof image);
    char* name = memmem(image, sizeof image, "/ld-linux", 9);
    if (name == NULL)
        return; // static-pie
    name[1] = 'n';
    int to = open("copy", O_CREAT | O_WRONLY | O_CLOEXEC, 0755);
    CHECK_EQUAL(write(to, image, sizeof image), sizeof image);
    CHECK_EQUAL(ftruncate(to, 1 << 20), 0);
    close(to);
    char* const arguments[] = {"copy", NULL};
    CHECK_ERROR(execve("copy", arguments, environ), ENOENT);
}

static const struct test tests[] = {
    TEST(headers), TEST(relocated_is_read_only), TEST(executed_again), TEST(no_interpreter),
#ifndef STATIC_PIE
    TEST(library), TEST(loaded_later),
#endif
};

int main(int argc, char** argv) {
    return RUN_TESTS(tests, argc, argv);
}
