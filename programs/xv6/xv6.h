// xv6's system-call interface, for programs of our own: numbers, flags and structures are facts of the interface, the
// rest is ours. Also built for the two ISAs that xv6 does not know; kernel/abi/xv6/README.md says with which registers.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;

enum {
    N_FORK = 1,
    N_EXIT,
    N_WAIT,
    N_PIPE,
    N_READ,
    N_KILL,
    N_EXEC,
    N_FSTAT,
    N_CHDIR,
    N_DUP,
    N_GETPID,
    N_SBRK,
    N_SLEEP,
    N_UPTIME,
    N_OPEN,
    N_WRITE,
    N_MKNOD,
    N_UNLINK,
    N_LINK,
    N_MKDIR,
    N_CLOSE,
};

enum { O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2, O_CREATE = 0x200, O_TRUNC = 0x400 };
enum { T_DIRECTORY = 1, T_FILE = 2, T_DEVICE = 3 };
enum { NAME_BYTES = 14, BLOCK_BYTES = 1024, FILE_BLOCKS = 268, PIPE_BYTES = 512, MOST_FILES = 16, PAGE = 4096 };

struct stat {
    int dev;
    u32 ino;
    short type, nlink;
    u64 size;
};
struct entry {
    u16 ino; // 0: free
    char name[NAME_BYTES];
};

static inline __attribute__((always_inline)) long call(long number, u64 first, u64 second, u64 third) {
#if defined(__riscv)
    register long a7 asm("a7") = number;
    register u64 a0 asm("a0") = first;
    register u64 a1 asm("a1") = second;
    register u64 a2 asm("a2") = third;
    asm volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2) : "memory");
    return (long)a0;
#elif defined(__aarch64__)
    register long x7 asm("x7") = number;
    register u64 x0 asm("x0") = first;
    register u64 x1 asm("x1") = second;
    register u64 x2 asm("x2") = third;
    asm volatile("svc #0" : "+r"(x0) : "r"(x7), "r"(x1), "r"(x2) : "memory", "cc");
    return (long)x0;
#else
    long rax = number;
    asm volatile("syscall" : "+a"(rax) : "D"(first), "S"(second), "d"(third) : "rcx", "r11", "memory", "cc");
    return rax;
#endif
}

#define CALL0(number) call(number, 0, 0, 0)
#define CALL1(number, a) call(number, (u64)(a), 0, 0)
#define CALL2(number, a, b) call(number, (u64)(a), (u64)(b), 0)
#define CALL3(number, a, b, c) call(number, (u64)(a), (u64)(b), (u64)(c))

static inline int fork(void) {
    return (int)CALL0(N_FORK);
}
static inline _Noreturn void exit(int status) {
    CALL1(N_EXIT, status);
    __builtin_unreachable();
}
static inline int wait(int* status) {
    return (int)CALL1(N_WAIT, status);
}
static inline int pipe(int* ends) {
    return (int)CALL1(N_PIPE, ends);
}
static inline int read(int fd, void* to, int bytes) {
    return (int)CALL3(N_READ, fd, to, bytes);
}
static inline int kill(int pid) {
    return (int)CALL1(N_KILL, pid);
}
static inline int exec(const char* path, char** argv) {
    return (int)CALL2(N_EXEC, path, argv);
}
static inline int fstat(int fd, struct stat* to) {
    return (int)CALL2(N_FSTAT, fd, to);
}
static inline int chdir(const char* path) {
    return (int)CALL1(N_CHDIR, path);
}
static inline int dup(int fd) {
    return (int)CALL1(N_DUP, fd);
}
static inline int getpid(void) {
    return (int)CALL0(N_GETPID);
}
static inline char* sbrk(int bytes) {
    return (char*)CALL1(N_SBRK, bytes);
}
static inline int sleep(int ticks) {
    return (int)CALL1(N_SLEEP, ticks);
}
static inline int uptime(void) {
    return (int)CALL0(N_UPTIME);
}
static inline int open(const char* path, int mode) {
    return (int)CALL2(N_OPEN, path, mode);
}
static inline int write(int fd, const void* from, int bytes) {
    return (int)CALL3(N_WRITE, fd, from, bytes);
}
static inline int mknod(const char* path, short major, short minor) {
    return (int)CALL3(N_MKNOD, path, major, minor);
}
static inline int unlink(const char* path) {
    return (int)CALL1(N_UNLINK, path);
}
static inline int link(const char* from, const char* to) {
    return (int)CALL2(N_LINK, from, to);
}
static inline int mkdir(const char* path) {
    return (int)CALL1(N_MKDIR, path);
}
static inline int close(int fd) {
    return (int)CALL1(N_CLOSE, fd);
}

// lib.c

int length(const char* text);
int same(const char* a, const char* b);
void copy(char* to, const char* from);
void fill(void* to, char with, u64 bytes);
int number(const char* text);
// %d int, %x u64 in hexadecimal, %s text, %c character.
void print(int fd, const char* format, ...);

int main(int argc, char** argv);
