// Suspended kernel code: x19..x30 on its stack (AAPCS64), the stack pointer in the KernelContext.

#include <arch/assembly.inc>

.text

// x0: KernelContext& from, x1: const KernelContext& to
BEGIN switch_kernel_context
    stp     x29, x30, [sp, #-96]!
    stp     x19, x20, [sp, #16]
    stp     x21, x22, [sp, #32]
    stp     x23, x24, [sp, #48]
    stp     x25, x26, [sp, #64]
    stp     x27, x28, [sp, #80]
    mov     x2, sp
    str     x2, [x0]
    mov     x0, x1
    // falls through
END switch_kernel_context

// x0: const KernelContext& to
BEGIN load_kernel_context
    ldr     x2, [x0]
    mov     sp, x2
    ldp     x19, x20, [sp, #16]
    ldp     x21, x22, [sp, #32]
    ldp     x23, x24, [sp, #48]
    ldp     x25, x26, [sp, #64]
    ldp     x27, x28, [sp, #80]
    ldp     x29, x30, [sp], #96
    ret
END load_kernel_context

// Where a context made by make_kernel_context() starts. x19: entry, x20: argument.
BEGIN start_kernel_context
    mov     x0, x20
    blr     x19
    brk     #0x7e7              // entry does not return
END start_kernel_context
