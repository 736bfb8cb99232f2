// From the firmware to C++: SBI boot protocol (a0 = hart id, a1 = physical address of the device tree, MMU off).

#include <arch/offsets.hpp>
#include "registers.inc"

#define SATP_SV39 (8 << 60)
#define BOOT_GIGABYTE 2                                        // the image lies in it
#define BOOT_ENTRY ((BOOT_GIGABYTE << 28) | 0xef)              // D A G X W R V

// Turns the MMU on with the kernel's root and goes on at the label behind, at its virtual address: the next fetch faults,
// because the low half is empty, and stvec leads to where we want to be.
.macro enter_virtual_memory
    la      t0, 7777f
    li      t1, DIRECT_MAP_BASE
    add     t0, t0, t1
    csrw    stvec, t0
    la      t0, kernel_root_table
    srli    t0, t0, 12
    li      t1, SATP_SV39
    or      t0, t0, t1
    sfence.vma
    csrw    satp, t0
    .balign 4
7777:
    la      t0, early_trap
    csrw    stvec, t0
    csrw    sscratch, zero
.endm

    .section .text.boot, "ax", @progbits
    .global _start
_start:
    csrw    sie, zero
    la      t0, bss_start
    la      t1, bss_end
1:  sd      zero, 0(t0)
    addi    t0, t0, 8
    bltu    t0, t1, 1b
    la      t0, kernel_root_table + 8 * 256 + 8 * BOOT_GIGABYTE
    li      t1, BOOT_ENTRY          // everything allowed until map_kernel() has the real tables
    sd      t1, 0(t0)
    enter_virtual_memory
    la      sp, boot_stack_top
    mv      tp, zero
    call    boot_hart_main          // (hart id, device tree)

// A hart started by SBI HSM: a1 = struct SecondaryStart*, virtual.
    .balign 4
    .global secondary_start
secondary_start:
    csrw    sie, zero
    enter_virtual_memory
    ld      sp, 0(a1)
    ld      tp, 8(a1)
    mv      a0, tp
    call    secondary_hart_main     // (cpu)

// Before initialise_cpu(): nothing can be handled, only told.
    .balign 4
early_trap:
    csrr    a0, scause
    csrr    a1, sepc
    csrr    a2, stval
    la      sp, boot_stack_top
    call    report_early_trap
