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
    la      t0, boot_taken
    li      t1, 1
    amoswap.w t0, t1, (t0)
    bnez    t0, secondary_start     // a hart that the firmware sent to the wrong place, see there
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

// A hart started by SBI HSM. OpenSBI before 1.3 marks a hart as starting before it writes where and with which a1: one that
// looks just then may come to _start, or here with the boot hart's a1. So only a0, the hart id, is believed; what the hart
// needs stands in secondary_starts.
    .balign 4
    .global secondary_start
secondary_start:
    csrw    sie, zero
    enter_virtual_memory
    fence   rw, rw
    la      t0, secondary_starts
    la      t1, secondary_starts + SECONDARY_START_SIZE * SECONDARY_START_COUNT
1:  ld      t2, SECONDARY_START_HART(t0)
    beq     t2, a0, 2f
    addi    t0, t0, SECONDARY_START_SIZE
    bne     t0, t1, 1b
3:  wfi                             // nobody asked for this one
    j       3b
2:  ld      sp, SECONDARY_START_STACK(t0)
    ld      tp, SECONDARY_START_CPU(t0)
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

    .section .data.boot_taken, "aw", @progbits // not in .bss, which only the first hart may clear
    .balign 4
boot_taken:
    .word   0
