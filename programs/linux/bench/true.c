// true: the smallest Linux program. Its one system call is exit_group(0); for counting the instructions from reset or
// from exec to the first user instruction and to the end. No C library.
#include <asm/unistd.h>

_Noreturn void _start(void);
_Noreturn void _start(void) {
#if defined(__aarch64__)
    register long number asm("x8") = __NR_exit_group;
    register long status asm("x0") = 0;
    asm volatile("svc #0" : : "r"(number), "r"(status));
#elif defined(__riscv)
    register long number asm("a7") = __NR_exit_group;
    register long status asm("a0") = 0;
    asm volatile("ecall" : : "r"(number), "r"(status));
#else
    asm volatile("syscall" : : "a"((long)__NR_exit_group), "D"(0L) : "rcx", "r11");
#endif
    __builtin_unreachable();
}
