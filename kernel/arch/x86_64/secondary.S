// The first instructions of every CPU but the boot CPU. Startup IPI: real mode, cs:ip = SECONDARY_PAGE (SDM volume 3, 9.4).
// start_secondary() copies this to that page and fills the words at its end. CR3 is a table that maps only this page
// (read-execute, at its physical address) and the kernel.

#include <arch/offsets.hpp>

#define HERE(symbol) ((symbol) - secondary_code + SECONDARY_PAGE)
#define MSR_EFER 0xc0000080

.section .rodata.secondary, "a"
    .balign 8
    .global secondary_code, secondary_code_end, secondary_root_word, secondary_stack, secondary_cpu
    .code16
secondary_code:
    cli
    cld
    xorw %ax, %ax
    movw %ax, %ds
    lgdtl HERE(gdt_pointer)
    movl $0x11, %eax                // PE ET
    movl %eax, %cr0
    ljmpl $0x18, $HERE(protected_mode)

    .code32
protected_mode:
    movw $0x10, %ax
    movw %ax, %ds
    movw %ax, %ss
    movl $0x20, %eax                // PAE
    movl %eax, %cr4
    movl HERE(secondary_root_word), %eax
    movl %eax, %cr3
    movl $MSR_EFER, %ecx
    movl $0x901, %eax               // NXE LME SCE
    xorl %edx, %edx
    wrmsr
    movl $0x80010033, %eax          // PG WP NE ET MP PE
    movl %eax, %cr0
    ljmpl $0x08, $HERE(long_mode)

    .code64
long_mode:
    xorl %eax, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl %eax, %fs
    movl %eax, %gs
    movq HERE(secondary_stack), %rsp
    movq HERE(secondary_cpu), %rdi
    xorl %ebp, %ebp
    movabsq $secondary_start, %rax
    callq *%rax
    ud2

    .balign 8
gdt:
    .quad 0
    .quad 0x00af9b000000ffff        // 0x08: 64-bit code
    .quad 0x00cf93000000ffff        // 0x10: data
    .quad 0x00cf9b000000ffff        // 0x18: 32-bit code
gdt_pointer:
    .word gdt_pointer - gdt - 1
    .long HERE(gdt)
    .balign 8
secondary_root_word:
    .quad 0
secondary_stack:
    .quad 0
secondary_cpu:
    .quad 0
secondary_code_end:
