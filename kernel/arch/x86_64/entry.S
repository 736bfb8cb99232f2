// The ways into the kernel and back. Everything here but the paths that only kernel mode reaches lies in the
// trampoline section, which isolated roots map too, at the same address; README.md walks through it.
//
// What is true at every entry from user mode: interrupts off; RFLAGS.AC and DF are the program's (not after syscall);
// GS base is the program's, swapgs brings this CPU's; TSS.RSP0 points behind the hardware part of the running thread's
// frame (its view under the isolated root, if it is isolated).

#include <arch/offsets.hpp>
#include <arch/x86_64/alternative.h>

#define MSR_GS_BASE 0xc0000101
#define FLAGS_THAT_NEED_IRET 0x10100     // RF, TF: sysret cannot restore the one and mistimes the other

// Offsets from RSP0, which is where rsp stands at the entries
#define BEHIND(field) ((field) - FRAME_HARDWARE_END)(%rsp)

.macro save_general_but_r11_rcx
    movq %rdi, BEHIND(FRAME_RDI)
    movq %rsi, BEHIND(FRAME_RSI)
    movq %rdx, BEHIND(FRAME_RDX)
    movq %rax, BEHIND(FRAME_RAX)
    movq %r8, BEHIND(FRAME_R8)
    movq %r9, BEHIND(FRAME_R9)
    movq %r10, BEHIND(FRAME_R10)
    movq %rbx, BEHIND(FRAME_RBX)
    movq %rbp, BEHIND(FRAME_RBP)
    movq %r12, BEHIND(FRAME_R12)
    movq %r13, BEHIND(FRAME_R13)
    movq %r14, BEHIND(FRAME_R14)
    movq %r15, BEHIND(FRAME_R15)
.endm

.macro push_general
    pushq %rdi
    pushq %rsi
    pushq %rdx
    pushq %rcx
    pushq %rax
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
.endm

.macro pop_general
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    popq %r11
    popq %r10
    popq %r9
    popq %r8
    popq %rax
    popq %rcx
    popq %rdx
    popq %rsi
    popq %rdi
.endm

// After syscall: rcx = pc, r11 = RFLAGS. Only sysret's own registers are lost to the program.
.macro save_at_syscall
    swapgs
    movq %rsp, %gs:CPU_SCRATCH
    movq %gs:CPU_RSP0, %rsp
    movq %rcx, BEHIND(FRAME_PC)
    movq %rcx, BEHIND(FRAME_RCX)
    movq %r11, BEHIND(FRAME_STATUS)
    movq %r11, BEHIND(FRAME_R11)
    movq %rax, BEHIND(FRAME_ORIGINAL_RAX)
    save_general_but_r11_rcx
    movq %gs:CPU_SCRATCH, %rax
    movq %rax, BEHIND(FRAME_SP)
    movq BEHIND(FRAME_THREAD), %rdi
.endm

.section .text.trampoline, "ax"

// System call, direct mode.
    .global entry_SYSCALL_64
    .balign 64
entry_SYSCALL_64:
    save_at_syscall
    movq BEHIND(FRAME_KERNEL_STACK), %rsp
    call do_syscall_64

// System call, isolated: the same, and to the full table before the kernel's stack.
    .global entry_SYSCALL_64_trampoline
    .balign 64
entry_SYSCALL_64_trampoline:
    save_at_syscall
    movq BEHIND(FRAME_KERNEL_STACK), %rsi
    movq BEHIND(FRAME_FULL_ROOT), %rax
    movq %rax, %cr3
    movq %rsi, %rsp
    call do_syscall_64

// void restore_user_context(UserFrame& frame): interrupts off. Either mode.
    .global restore_user_context
    .balign 64
restore_user_context:
    movq FRAME_PC(%rdi), %rcx
    movq %rcx, %rdx
    sarq $47, %rdx
    jnz pc_above_user_half
    movq FRAME_USER_VIEW(%rdi), %rax
    testq %rax, %rax
    jnz switch_to_isolated
in_final_root:
    leaq FRAME_HARDWARE_END(%rdi), %rax
    movq %rax, %gs:CPU_RSP0
    movq FRAME_STATUS(%rdi), %r11
    cmpq %rcx, FRAME_RCX(%rdi)
    jne return_by_iret
    cmpq %r11, FRAME_R11(%rdi)
    jne return_by_iret
    testl $FLAGS_THAT_NEED_IRET, %r11d
    jnz return_by_iret
    movq FRAME_R15(%rdi), %r15
    movq FRAME_R14(%rdi), %r14
    movq FRAME_R13(%rdi), %r13
    movq FRAME_R12(%rdi), %r12
    movq FRAME_RBP(%rdi), %rbp
    movq FRAME_RBX(%rdi), %rbx
    movq FRAME_R10(%rdi), %r10
    movq FRAME_R9(%rdi), %r9
    movq FRAME_R8(%rdi), %r8
    movq FRAME_RAX(%rdi), %rax
    movq FRAME_RDX(%rdi), %rdx
    movq FRAME_RSI(%rdi), %rsi
    movq FRAME_SP(%rdi), %rsp
    movq FRAME_RDI(%rdi), %rdi
    swapgs
    sysretq

// iret takes pc, flags and stack from the frame itself. It cannot fault: the pc is canonical, the selectors are written
// here, the privileged flags are the kernel's own.
return_by_iret:
    movq $USER_CODE_SELECTOR, FRAME_CS(%rdi)
    movq $USER_DATA_SELECTOR, FRAME_SS(%rdi)
    movq %rdi, %rsp
    pop_general
    addq $16, %rsp
    swapgs
    .global user_iret
user_iret:
    iretq

pc_above_user_half:
    cmpq $-1, %rdx
    je pc_is_kernel_address
    movq FRAME_KERNEL_STACK(%rdi), %rsp
    call handle_noncanonical_return // its thread may come here many times: always from the stack's top

// By iret, which takes it; then the page fault is the program's.
pc_is_kernel_address:
    movq FRAME_USER_VIEW(%rdi), %rax
    testq %rax, %rax
    jz 1f
    movq FRAME_ISOLATED_ROOT(%rdi), %rsi
    movq %rsi, %cr3
    movq %rax, %rdi
1:  leaq FRAME_HARDWARE_END(%rdi), %rax
    movq %rax, %gs:CPU_RSP0
    jmp return_by_iret

switch_to_isolated:
    movq FRAME_ISOLATED_ROOT(%rdi), %rsi
    movq %rsi, %cr3
    movq %rax, %rdi
    jmp in_final_root

// Every vector begins with 16 bytes here: number and error code on the stack as a KernelFrame has them.
    .global vector_entries
    .balign 16
vector_entries:
    .set vector, 0
    .rept 256
    .balign 16
    .if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30)
    pushq $0
    .endif
    .if vector < 128
    pushq $vector
    .else
    pushq $(vector - 256)
    .endif
    .if vector == 2 || vector == 18 || vector == 8
    jmp entry_on_own_stack
    .elseif vector == 1
    jmp entry_debug
    .else
    jmp entry_vector
    .endif
    .set vector, vector + 1
    .endr

    .balign 64
entry_vector:
    testb $3, 24(%rsp)              // cs
    jz entry_from_kernel
    push_general
entry_from_user:                    // rsp = the frame
    cld
    only_with ALTERNATIVE_SMAP, clac
    swapgs
    movq FRAME_THREAD(%rsp), %rdi
    movq FRAME_KERNEL_STACK(%rsp), %rsi
    movq FRAME_FULL_ROOT(%rsp), %rax
    testq %rax, %rax
    jz 1f
    movq %rax, %cr3
1:  movq %rsi, %rsp
    call do_user_trap

// #DB has a stack of its own, because it may come between syscall and the switch of stacks (mov to ss, then syscall).
// From user mode it goes on as every other vector: the hardware's words move to the frame.
entry_debug:
    testb $3, 24(%rsp)
    jz entry_on_own_stack
    swapgs
    movq %rax, %gs:CPU_SCRATCH
    movq %gs:CPU_RSP0, %rax
    popq (FRAME_VECTOR - FRAME_HARDWARE_END)(%rax)
    popq (FRAME_ERROR - FRAME_HARDWARE_END)(%rax)
    popq (FRAME_PC - FRAME_HARDWARE_END)(%rax)
    popq (FRAME_CS - FRAME_HARDWARE_END)(%rax)
    popq (FRAME_STATUS - FRAME_HARDWARE_END)(%rax)
    popq (FRAME_SP - FRAME_HARDWARE_END)(%rax)
    popq (FRAME_SS - FRAME_HARDWARE_END)(%rax)
    leaq (FRAME_VECTOR - FRAME_HARDWARE_END)(%rax), %rsp
    movq %gs:CPU_SCRATCH, %rax
    swapgs
    push_general
    jmp entry_from_user

// NMI, #MC, #DF, and #DB from kernel mode: may come at any instruction, so neither GS base nor CR3 are known. Both are
// kept, set (the entry stack lies in the page of its CPU), and put back as they were.
entry_on_own_stack:
    push_general
    cld
    only_with ALTERNATIVE_SMAP, clac
    movl $MSR_GS_BASE, %ecx
    rdmsr
    shlq $32, %rdx
    orq %rdx, %rax
    movq %rax, %r12
    movq %rsp, %rbp
    movq %rsp, %rax
    andq $-4096, %rax
    movq %rax, %rdx
    shrq $32, %rdx
    wrmsr
    movq %cr3, %r13
    movq %gs:CPU_KERNEL_ROOT, %rax
    movq %rax, %cr3
    movq %rbp, %rax
    andl $(4096 - 1), %eax          // which of the four stacks
    subl $CPU_ENTRY_STACKS, %eax
    shrl $9, %eax
    movq %gs:CPU_EXCEPTION_STACKS(, %rax, 8), %rsp
    movq %rbp, %rdi
    call do_exception_on_own_stack
    movq %rbp, %rsp
    movq %r13, %cr3
    movl $MSR_GS_BASE, %ecx
    movq %r12, %rax
    movq %r12, %rdx
    shrq $32, %rdx
    wrmsr
    pop_general
    addq $16, %rsp
    iretq

.text
// Kernel code was interrupted or faulted: GS and the full table are in place, the frame goes on its stack.
    .balign 64
entry_from_kernel:
    push_general
    cld
    only_with ALTERNATIVE_SMAP, clac
    movq %rsp, %rdi
    call do_kernel_trap
    pop_general
    addq $16, %rsp
    iretq
