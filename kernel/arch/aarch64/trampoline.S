// The second entry mode. While an isolated program runs, TTBR1_EL1 maps this page and its threads' frame pages, nothing else of the
// kernel. The page is at the same address in both roots, so the switch happens under its own feet; everything here is global in the TLB
// except the frame pages, which carry the program's ASID.

#include "save_restore.inc"

// Enough is saved to switch to the kernel's root, vectors and view of the frame; then the exception goes its ordinary way.
.macro ENTER target
    .balign 128
    stp     x0, x1, [sp, #0]
    ldp     x0, x1, [sp, #USER_FRAME_KERNEL_ROOT] // and USER_FRAME_SELF
    msr     ttbr1_el1, x0
    address x0, vectors
    msr     vbar_el1, x0
    isb
    mov     sp, x1
    ldp     x0, x1, [sp, #0]
    b       \target
.endm

// Nothing in this page raises an exception: what comes here anyway must not run on.
.macro NEVER
    .balign 128
    b       .
.endm

.section .trampoline, "ax"
.balign 4096
.global trampoline_vectors
trampoline_vectors:
    .rept 8
    NEVER
    .endr
.global trampoline_el0t_64_sync
trampoline_el0t_64_sync:
    ENTER   el0t_64_sync
    ENTER   el0t_64_irq
    ENTER   el0t_64_fiq
    ENTER   el0t_64_error
    .rept 4
    NEVER
    .endr
    .balign 128

// x0: the frame, x1: its address in the isolated root. Interrupts off.
BEGIN restore_isolated_context
    ldr     x2, [x0, #USER_FRAME_ISOLATED_ROOT]
    address x3, trampoline_vectors
    msr     vbar_el1, x3
    msr     ttbr1_el1, x2
    isb
    mov     sp, x1
    restore_user_registers
    eret
END restore_isolated_context
