// marked PROGRAM [WORD...]: runs a program between two marks, by which tests/peers/xv6 counts instructions: hints,
// which a processor passes over.
#include "xv6.h"

#if defined(__riscv)
#define MARK(number) asm volatile("addi x0, x0, " #number ::: "memory")
#else
#define MARK(number)
#endif

int main(int argc, char** argv) {
    int status = 0;
    if (argc < 2)
        return 1;
    MARK(0x5a1);
    const int child = fork();
    if (child == 0) {
        exec(argv[1], argv + 1);
        print(2, "marked: cannot run %s\n", argv[1]);
        exit(1);
    }
    if (child < 0 || wait(&status) != child)
        return 1;
    MARK(0x5a2);
    return status;
}
