// Suspended kernel code is ra and s0..s11 on its own stack.

#include <arch/offsets.hpp>
#include "registers.inc"

#define CONTEXT_SIZE 112

.macro for_context instruction
    \instruction ra, 0(sp)
    \instruction s0, 8(sp)
    \instruction s1, 16(sp)
    \instruction s2, 24(sp)
    \instruction s3, 32(sp)
    \instruction s4, 40(sp)
    \instruction s5, 48(sp)
    \instruction s6, 56(sp)
    \instruction s7, 64(sp)
    \instruction s8, 72(sp)
    \instruction s9, 80(sp)
    \instruction s10, 88(sp)
    \instruction s11, 96(sp)
.endm

// switch_kernel_context(from, to)
function switch_kernel_context
    addi    sp, sp, -CONTEXT_SIZE
    for_context sd
    sd      sp, (a0)
    mv      a0, a1
    j       load_kernel_context
end_function switch_kernel_context

// load_kernel_context(to)
function load_kernel_context
    ld      sp, (a0)
    for_context ld
    addi    sp, sp, CONTEXT_SIZE
    ret
end_function load_kernel_context

// The first code of a fresh context: make_kernel_context() put the entry into s0 and its argument into s1.
function start_kernel_context
    mv      a0, s1
    jalr    s0
    unimp                           // entry never returns
end_function start_kernel_context
