// Suspended kernel code: the callee-saved registers of the psABI on its own stack.

#include <arch/offsets.hpp>

.text
// void switch_kernel_context(KernelContext& from, const KernelContext& to)
    .global switch_kernel_context
switch_kernel_context:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq (%rsi), %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret

// void load_kernel_context(const KernelContext& to)
    .global load_kernel_context
load_kernel_context:
    movq (%rdi), %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret

// Where a new context returns to: rbx = entry, r12 = argument, the stack pointer 16-byte aligned.
    .global start_kernel_context
start_kernel_context:
    movq %r12, %rdi
    callq *%rbx
    ud2
