// status N: ends with the status N. status exec PROGRAM [WORD...]: runs a program (of any kernel) in a child and says
// how it ended. status fault, status pid: a fault; the number of the process.
#include "xv6.h"

int main(int argc, char** argv) {
    if (argc < 2)
        return 0;
    if (same(argv[1], "fault"))
        *(volatile char*)0x40000000 = 1;
    if (same(argv[1], "pid"))
        print(1, "%d\n", getpid());
    if (same(argv[1], "exec")) {
        const int child = fork();
        if (child == 0) {
            exec(argv[2], argv + 2);
            exit(111);
        }
        int status = 0;
        if (child < 0 || wait(&status) != child)
            return 1;
        print(1, "status %d\n", status);
        return 0;
    }
    return number(argv[1]);
}
