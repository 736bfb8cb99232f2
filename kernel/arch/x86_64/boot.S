// PVH entry: 32-bit protected mode, paging off, flat segments, ebx = physical address of hvm_start_info
// (Xen docs/misc/pvh.pandoc, "x86/HVM direct boot ABI"). Goes to 64-bit mode at the linked address and calls boot_start().

#include <arch/offsets.hpp>

#define PHYSICAL(symbol) ((symbol) - IMAGE_BASE)
#define PRESENT_WRITABLE 3
#define BLOCK 0x80
#define CR0_VALUE 0x80010033        // PG WP NE ET MP PE
#define CR4_VALUE 0x20              // PAE
#define MSR_EFER 0xc0000080
#define EFER_VALUE 0x901            // NXE LME SCE

.section .note.pvh, "a", @note
    .balign 4
    .long 4, 8, 18                  // name size, descriptor size, XEN_ELFNOTE_PHYS32_ENTRY
    .asciz "Xen"
    .quad PHYSICAL(pvh_start)

// The first GiB three times: where it is, in the direct map, and 2 GiB below the top for the image. Only boot_start()
// runs on these; it leaves them for tables with rights.
.section .data.boot_tables, "aw"
    .balign 4096
boot_root:
    .quad PHYSICAL(boot_low_directory) + PRESENT_WRITABLE
    .fill 255, 8, 0
    .quad PHYSICAL(boot_low_directory) + PRESENT_WRITABLE
    .fill 254, 8, 0
    .quad PHYSICAL(boot_high_directory) + PRESENT_WRITABLE
boot_low_directory:
    .quad PHYSICAL(boot_blocks) + PRESENT_WRITABLE
    .fill 511, 8, 0
boot_high_directory:
    .fill 510, 8, 0
    .quad PHYSICAL(boot_blocks) + PRESENT_WRITABLE
    .quad 0
boot_blocks:
    .set block, 0
    .rept 512
    .quad block * 0x200000 + PRESENT_WRITABLE + BLOCK
    .set block, block + 1
    .endr

.section .text.boot, "ax"
    .global pvh_start_physical
    .set pvh_start_physical, PHYSICAL(pvh_start)

    .code32
    .global pvh_start
pvh_start:
    cli
    cld
    movl %ebx, %ebp
    movl $CR4_VALUE, %eax
    movl %eax, %cr4
    movl $PHYSICAL(boot_root), %eax
    movl %eax, %cr3
    movl $MSR_EFER, %ecx
    movl $EFER_VALUE, %eax
    xorl %edx, %edx
    wrmsr
    movl $CR0_VALUE, %eax
    movl %eax, %cr0
    lgdt PHYSICAL(boot_gdt_pointer)
    ljmp $KERNEL_CODE_SELECTOR, $PHYSICAL(start_64)

    .code64
start_64:
    movabsq $start_high, %rax
    jmpq *%rax
start_high:
    xorl %eax, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl %eax, %fs
    movl %eax, %gs
    movq $boot_stack_top, %rsp
    movl %ebp, %edi
    xorl %ebp, %ebp
    lgdt boot_gdt_pointer_high(%rip)
    call boot_start
    ud2

    .balign 8
boot_gdt:
    .quad 0, 0
    .quad 0x00af9b000000ffff        // KERNEL_CODE_SELECTOR: 64-bit code
    .quad 0x00cf93000000ffff        // KERNEL_DATA_SELECTOR
boot_gdt_end:
boot_gdt_pointer:
    .word boot_gdt_end - boot_gdt - 1
    .quad PHYSICAL(boot_gdt)
boot_gdt_pointer_high:
    .word boot_gdt_end - boot_gdt - 1
    .quad boot_gdt

// void load_final_root(root): boot_start's last step on the boot tables
    .global load_final_root
load_final_root:
    movq %rdi, %cr3
    ret
