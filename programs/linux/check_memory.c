// Address spaces: mapping, protecting, unmapping, growing, copy on write.
#include "check.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { page = 4096, anonymous = MAP_PRIVATE | MAP_ANONYMOUS, readwrite = PROT_READ | PROT_WRITE };

static sigjmp_buf escape;

static void on_fault(int signal) {
    (void)signal;
    siglongjmp(escape, 1);
}

// Does reading (or writing) this byte fault?
static bool faults(volatile char* address, bool write) {
    struct sigaction action = {.sa_flags = 0};
    action.sa_handler = on_fault;
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    if (sigsetjmp(escape, 1) != 0)
        return true;
    if (write)
        *address = *address;
    else
        (void)*address;
    return false;
}

static char* map(size_t pages, int rights) {
    char* address = mmap(NULL, pages * page, rights, anonymous, -1, 0);
    CHECK(address != MAP_FAILED);
    return address;
}

static void anonymous_is_zero(void) {
    char* area = map(16, readwrite);
    for (int i = 0; i < 16 * page; i += 97)
        CHECK_EQUAL(area[i], 0);
    memset(area, 'x', 16 * page);
    CHECK_EQUAL(munmap(area, 16 * page), 0);
    CHECK(faults(area, false));
}

static void map_errors(void) {
    CHECK_ERROR(mmap(NULL, 0, readwrite, anonymous, -1, 0), EINVAL);
    CHECK_ERROR(mmap(NULL, page, readwrite, MAP_ANONYMOUS, -1, 0), EINVAL);
    CHECK_ERROR(mmap(NULL, page, readwrite, MAP_PRIVATE, -1, 0), EBADF);
    CHECK_ERROR(mmap((void*)123, page, readwrite, anonymous | MAP_FIXED, -1, 0), EINVAL);
    CHECK_ERROR(mmap(NULL, (size_t)-page, readwrite, anonymous, -1, 0), ENOMEM);
    CHECK_ERROR(mmap(NULL, (size_t)1 << 60, readwrite, anonymous, -1, 0), ENOMEM);
    int fd = file_with("file", "x");
    CHECK_ERROR(syscall(SYS_mmap, NULL, page, PROT_READ, MAP_PRIVATE, fd, 12), EINVAL);
    int writer = open("file", O_WRONLY), reader = open("file", O_RDONLY), folder = open(".", O_RDONLY);
    CHECK_ERROR(mmap(NULL, page, PROT_READ, MAP_PRIVATE, writer, 0), EACCES);
    CHECK_ERROR(mmap(NULL, page, readwrite, MAP_SHARED, reader, 0), EACCES);
    CHECK_ERROR(mmap(NULL, page, PROT_READ, MAP_PRIVATE, folder, 0), ENODEV);
    CHECK_ERROR(munmap((void*)123, page), EINVAL);
    CHECK_ERROR(munmap((void*)0x1000, 0), EINVAL);
    CHECK_EQUAL(munmap((void*)0x1000, page), 0); // nothing there is no error
    CHECK_ERROR(mprotect((void*)123, page, PROT_READ), EINVAL);
    CHECK_ERROR(mprotect((void*)0x1000, page, PROT_READ), ENOMEM);
}

static void private_file(void) {
    int fd = file_with("file", "hello");
    char* area = mmap(NULL, page, readwrite, MAP_PRIVATE, fd, 0);
    CHECK(area != MAP_FAILED);
    close(fd);
    CHECK_EQUAL(memcmp(area, "hello\0", 6), 0);
    area[0] = 'J';
    fd = open("file", O_RDWR);
    char text[5];
    CHECK_EQUAL(read(fd, text, 5), 5);
    CHECK_EQUAL(memcmp(text, "hello", 5), 0);
    CHECK_EQUAL(area[0], 'J');
}

static void shared_file(void) {
    int fd = file_with("file", "hello");
    char *one = mmap(NULL, page, readwrite, MAP_SHARED, fd, 0), *two = mmap(NULL, page, PROT_READ, MAP_SHARED, fd, 0);
    CHECK(one != MAP_FAILED && two != MAP_FAILED);
    one[0] = 'J';
    CHECK_EQUAL(two[0], 'J');
    char text[5];
    CHECK_EQUAL(pread(fd, text, 5, 0), 5);
    CHECK_EQUAL(text[0], 'J');
    CHECK_EQUAL(pwrite(fd, "M", 1, 1), 1);
    CHECK_EQUAL(two[1], 'M');
    CHECK_EQUAL(msync(one, page, MS_SYNC), 0);
    pid_t child = fork();
    if (child == 0) {
        one[2] = 'C';
        _exit(0);
    }
    finish_child(child);
    CHECK_EQUAL(two[2], 'C');
    CHECK_EQUAL(unlink("file"), 0);
    close(fd);
    CHECK_EQUAL(one[2], 'C');
}

static void shared_anonymous(void) {
    int* area = mmap(NULL, page, readwrite, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(area != MAP_FAILED);
    pid_t child = fork();
    if (child == 0) {
        *area = 77;
        _exit(0);
    }
    finish_child(child);
    CHECK_EQUAL(*area, 77);
}

static void fixed(void) {
    char* area = map(4, readwrite);
    memset(area, 'x', 4 * page);
    CHECK(mmap(area + page, page, readwrite, anonymous | MAP_FIXED, -1, 0) == area + page);
    CHECK(area[page - 1] == 'x' && area[page] == 0 && area[2 * page - 1] == 0 && area[2 * page] == 'x');
    CHECK_ERROR(mmap(area, page, readwrite, anonymous | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
    CHECK_EQUAL(munmap(area, page), 0);
    CHECK(mmap(area, page, readwrite, anonymous | MAP_FIXED_NOREPLACE, -1, 0) == area);
    CHECK(mmap(area + 3 * page, page, readwrite, anonymous, -1, 0) != area + 3 * page); // only a hint
}

static void holes(void) {
    char* area = map(5, readwrite);
    memset(area, 'x', 5 * page);
    CHECK_EQUAL(munmap(area + page, page), 0);
    CHECK_EQUAL(munmap(area + 3 * page, page), 0);
    CHECK(!faults(area, true) && faults(area + page, true) && !faults(area + 2 * page, true));
    CHECK(faults(area + 3 * page, true) && !faults(area + 4 * page, true));
    CHECK_ERROR(mprotect(area, 5 * page, PROT_READ), ENOMEM);
    CHECK_EQUAL(munmap(area, 5 * page), 0);
    CHECK(faults(area + 4 * page, false));
}

static void protecting(void) {
    char* area = map(3, readwrite);
    memset(area, 'x', 3 * page);
    CHECK_EQUAL(mprotect(area + page, page, PROT_READ), 0);
    CHECK(!faults(area + page, false) && faults(area + page, true) && !faults(area + 2 * page, true));
    CHECK_EQUAL(mprotect(area + page, page, PROT_NONE), 0);
    CHECK(faults(area + page, false));
    CHECK_EQUAL(mprotect(area, 3 * page, readwrite), 0);
    CHECK(!faults(area + page, true));
    CHECK_EQUAL(area[page], 'x');
    CHECK_EQUAL(mprotect(area, 0, PROT_READ), 0);
    int fd = file_with("file", "x"), reader = open("file", O_RDONLY);
    close(fd);
    char* shared = mmap(NULL, page, PROT_READ, MAP_SHARED, reader, 0);
    CHECK_ERROR(mprotect(shared, page, readwrite), EACCES);
}

static void execute_after_protect(void) {
#if defined(__aarch64__)
    static const unsigned code[] = {0x52800540, 0xd65f03c0}; // mov w0, #42; ret
#elif defined(__riscv)
    static const unsigned code[] = {0x02a00513, 0x00008067}; // li a0, 42; ret
#else
    static const unsigned char code[] = {0xb8, 42, 0, 0, 0, 0xc3}; // mov $42, %eax; ret
#endif
    char* area = map(1, readwrite);
    memcpy(area, code, sizeof code);
    CHECK_EQUAL(mprotect(area, page, PROT_READ | PROT_EXEC), 0);
    __builtin___clear_cache(area, area + sizeof code);
    CHECK_EQUAL(((int (*)(void))(uintptr_t)area)(), 42);
    CHECK(faults(area, true));
}

static void remapping(void) {
    char* area = map(4, readwrite);
    for (int i = 0; i < 4; i++)
        area[i * page] = (char)('a' + i);
    char* larger = mremap(area, 4 * page, 64 * page, MREMAP_MAYMOVE);
    CHECK(larger != MAP_FAILED);
    for (int i = 0; i < 4; i++)
        CHECK_EQUAL(larger[i * page], 'a' + i);
    CHECK_EQUAL(larger[63 * page], 0);
    CHECK(mremap(larger, 64 * page, 2 * page, 0) == larger);
    CHECK(!faults(larger + page, true) && faults(larger + 2 * page, false));
    char* barrier = map(2, readwrite);
    CHECK_ERROR(mremap(barrier, page, 2 * page, 0), ENOMEM);
    char* place = map(4, PROT_NONE);
    CHECK(mremap(larger, 2 * page, 2 * page, MREMAP_MAYMOVE | MREMAP_FIXED, place + page) == place + page);
    CHECK_EQUAL(place[2 * page], 'b');
    CHECK(faults(place, false) && faults(larger, false));
    CHECK_ERROR(mremap((void*)123, page, page, 0), EINVAL);
    CHECK_ERROR(mremap((void*)0x1000, page, 2 * page, MREMAP_MAYMOVE), EFAULT);
    CHECK_ERROR(mremap(place, page, page, 64), EINVAL);
}

static void program_break(void) {
    char* start = sbrk(0);
    CHECK_EQUAL(brk(start + 10 * page), 0);
    memset(start, 'x', 10 * page);
    CHECK_EQUAL(brk(start + page), 0);
    CHECK(faults((char*)(((uintptr_t)start + 3 * page) & ~(uintptr_t)(page - 1)), false));
    CHECK_EQUAL(brk(start + 10 * page), 0);
    CHECK_EQUAL(start[5 * page], 0);
    CHECK_EQUAL(syscall(SYS_brk, 0), (long)(start + 10 * page));
    CHECK_EQUAL(syscall(SYS_brk, 1), (long)(start + 10 * page)); // a refusal is the old break
    CHECK_ERROR(sbrk(1L << 60), ENOMEM);
}

static void copy_on_write(void) {
    char* area = map(8, readwrite);
    memset(area, 'p', 8 * page);
    int ends[2];
    CHECK_EQUAL(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        char byte;
        for (int i = 0; i < 8; i++)
            CHECK_EQUAL(area[i * page], 'p');
        area[0] = 'c';
        CHECK_EQUAL(read(ends[0], &byte, 1), 1); // the parent has written by now
        CHECK_EQUAL(area[page], 'p');
        CHECK_EQUAL(area[0], 'c');
        CHECK_EQUAL(read(ends[0], area + 2 * page, 10), 10); // the kernel writes to a shared page
        CHECK_EQUAL(memcmp(area + 2 * page, "0123456789", 10), 0);
        _exit(0);
    }
    area[page] = 'q';
    CHECK_EQUAL(write(ends[1], "x", 1), 1);
    CHECK_EQUAL(write(ends[1], "0123456789", 10), 10);
    finish_child(child);
    CHECK_EQUAL(area[0], 'p');
    CHECK_EQUAL(area[2 * page], 'p');
}

static void fork_chain(void) {
    int* value = (int*)(void*)map(1, readwrite);
    for (int depth = 0; depth < 10; depth++) {
        *value = depth;
        pid_t child = fork();
        if (child != 0) {
            finish_child(child);
            CHECK_EQUAL(*value, depth);
            _exit(0);
        }
        CHECK_EQUAL(*value, depth);
    }
    _exit(0);
}

static void advice(void) {
    char* area = map(4, readwrite);
    memset(area, 'x', 4 * page);
    CHECK_EQUAL(madvise(area + page, 2 * page, MADV_DONTNEED), 0);
    CHECK(area[0] == 'x' && area[page] == 0 && area[3 * page] == 'x');
    CHECK_EQUAL(madvise(area, page, MADV_WILLNEED), 0);
    CHECK_EQUAL(madvise(area, page, MADV_RANDOM), 0);
    CHECK_ERROR(madvise(area + 1, page, MADV_DONTNEED), EINVAL);
    CHECK_ERROR(madvise(area, page, 9999), EINVAL);
    munmap(area + page, page);
    CHECK_ERROR(madvise(area, 3 * page, MADV_DONTNEED), ENOMEM);
    int fd = file_with("file", "hello");
    char* file = mmap(NULL, page, readwrite, MAP_PRIVATE, fd, 0);
    file[0] = 'J';
    CHECK_EQUAL(madvise(file, page, MADV_DONTNEED), 0);
    CHECK_EQUAL(file[0], 'h');
}

static __attribute__((noinline)) int deep(int levels) {
    volatile char room[4000];
    room[0] = (char)levels;
    return levels == 0 ? 0 : deep(levels - 1) + (room[0] == (char)levels);
}

static void stack_grows(void) {
    CHECK_EQUAL(deep(1000), 1000); // 4 MB of the usual 8
    struct rlimit limit;
    CHECK_EQUAL(getrlimit(RLIMIT_STACK, &limit), 0);
    CHECK(limit.rlim_cur >= 8u << 20);
}

static void stack_has_an_end(void) {
    pid_t child = fork();
    if (child == 0)
        _exit(deep(1000000) & 1);
    CHECK_EQUAL(wait_status(child) & 0x7f, SIGSEGV);
}

static void lazily_large(void) {
    // Much more than there is, of which little is touched.
    size_t size = (size_t)4 << 30;
    char* area = mmap(NULL, size, readwrite, anonymous | MAP_NORESERVE, -1, 0);
    CHECK(area != MAP_FAILED);
    for (size_t at = 0; at < size; at += size / 64)
        area[at] = 1;
    CHECK_EQUAL(munmap(area, size), 0);
}

static void many_mappings(void) {
    char* area = map(1000, readwrite);
    for (int i = 0; i < 1000; i += 2)
        CHECK_EQUAL(mprotect(area + i * page, page, PROT_READ), 0);
    for (int i = 0; i < 1000; i += 50)
        CHECK(faults(area + i * page, true) && !faults(area + (i + 1) * page, true));
    CHECK_EQUAL(munmap(area, 1000 * page), 0);
}

static void resident(void) {
    char* area = map(4, readwrite);
    unsigned char pages[4];
    area[2 * page] = 1;
    CHECK_EQUAL(mincore(area, 4 * page, pages), 0);
    CHECK((pages[2] & 1) == 1 && (pages[0] & 1) == 0);
    CHECK_ERROR(mincore(area + 1, page, pages), EINVAL);
}

static void shrinking_file(void) {
    int fd = file_with("file", "");
    CHECK_EQUAL(ftruncate(fd, 3 * page), 0);
    char* area = mmap(NULL, 3 * page, readwrite, MAP_SHARED, fd, 0);
    area[2 * page] = 'x';
    CHECK_EQUAL(ftruncate(fd, page), 0);
    CHECK(!faults(area, true) && faults(area + 2 * page, false));
    CHECK_EQUAL(ftruncate(fd, 3 * page), 0);
    CHECK_EQUAL(area[2 * page], 0);
}

static const struct test tests[] = {
    TEST(anonymous_is_zero),
    TEST(map_errors),
    TEST(private_file),
    TEST(shared_file),
    TEST(shared_anonymous),
    TEST(fixed),
    TEST(holes),
    TEST(protecting),
    TEST(execute_after_protect),
    TEST(remapping),
    TEST(program_break),
    TEST(copy_on_write),
    TEST(fork_chain),
    TEST(advice),
    TEST(stack_grows),
    TEST(stack_has_an_end),
    TEST(lazily_large),
    TEST(many_mappings),
    TEST(resident),
    TEST(shrinking_file),
};

int main(int argc, char** argv) {
    return RUN_TESTS(tests, argc, argv);
}
