// Every way into the kernel and the one way out. Arm ARM (DDI 0487) D1.3.
//
// In user mode SP_EL1 is the address of the thread's UserFrame, in the kernel it is the kernel stack; the hardware picks
// SP_EL1 on each exception to EL1. SP_EL0 is free in the kernel (the program's is in the frame) and serves as a scratch register.

#include "save_restore.inc"

#define HANDLE_SYSCALL _ZN4trap14handle_syscallERN6thread6ThreadE // trap::handle_syscall(thread::Thread&)
#define LEAVE _ZN4trap5leaveERN6thread6ThreadE                    // trap::leave(thread::Thread&)

#define ESR_EC_SHIFT 26
#define EC_SVC64 0x15

// A slot of the table: 32 instructions.
.macro SLOT name
    .balign 128
    .type   \name, %function
    .global \name
\name:
.endm

// From user mode: x19 = thread, on the handler's stack.
.macro enter_from_user
    save_user_registers
    ldp     x19, x2, [sp, #USER_FRAME_THREAD]
    mov     sp, x2
.endm

// From the kernel: all registers into a KernelFrame on the same stack. A stack pointer with KERNEL_STACK_SHIFT's bit clear has left
// its stack downwards: nothing may be stored there.
.macro enter_from_kernel
    msr     sp_el0, x0
    sub     sp, sp, #KERNEL_FRAME_SIZE
    mov     x0, sp
    tbz     x0, #KERNEL_STACK_SHIFT, kernel_stack_overflow
    mrs     x0, sp_el0
    save_kernel_registers
.endm

.macro save_kernel_registers
    stp     x0, x1, [sp, #0]
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x19, [sp, #144]
    stp     x20, x21, [sp, #160]
    stp     x22, x23, [sp, #176]
    stp     x24, x25, [sp, #192]
    stp     x26, x27, [sp, #208]
    stp     x28, x29, [sp, #224]
    add     x21, sp, #KERNEL_FRAME_SIZE
    mrs     x22, elr_el1
    mrs     x23, spsr_el1
    stp     x30, x21, [sp, #KERNEL_FRAME_X30_SP]
    stp     x22, x23, [sp, #KERNEL_FRAME_PC_STATUS]
    mov     x0, sp
.endm

// What user mode cannot cause and the kernel does not do.
.macro UNEXPECTED name
    SLOT    \name
    b       unexpected_exception
.endm

.section .vectors, "ax"
.balign 2048
.global vectors
vectors:
    // From EL1 with SP_EL0: never selected.
    UNEXPECTED el1t_64_sync
    UNEXPECTED el1t_64_irq
    UNEXPECTED el1t_64_fiq
    UNEXPECTED el1t_64_error

    // From the kernel.
    SLOT    el1h_64_sync
    enter_from_kernel
    bl      el1h_64_sync_handler
    b       ret_to_kernel

    SLOT    el1h_64_irq
    enter_from_kernel
    bl      el1h_64_irq_handler
    b       ret_to_kernel

    UNEXPECTED el1h_64_fiq
    UNEXPECTED el1h_64_error

    // From a program. The system call's whole way through assembly is this slot, ret_to_user and restore_user_context.
    SLOT    el0t_64_sync
    enter_from_user
    mrs     x1, esr_el1
.global el0t_64_sync_handler
el0t_64_sync_handler:
    lsr     w2, w1, #ESR_EC_SHIFT
    cmp     w2, #EC_SVC64
    b.ne    el0t_64_fault
.global el0_svc
el0_svc:
    mov     x0, x19
    bl      HANDLE_SYSCALL
    b       ret_to_user

    SLOT    el0t_64_irq
    enter_from_user
    bl      el0t_64_irq_handler
    mov     x19, x0             // perhaps another thread
    b       ret_to_user

    SLOT    el0t_64_fiq
    enter_from_user
    mov     x0, x19
    bl      el0t_64_fiq_handler
    b       ret_to_user

    SLOT    el0t_64_error
    enter_from_user
    mov     x0, x19
    mrs     x1, esr_el1
    bl      el0t_64_error_handler
    b       ret_to_user

    // From a 32-bit program: SPSR never selects AArch32.
    UNEXPECTED el0t_32_sync
    UNEXPECTED el0t_32_irq
    UNEXPECTED el0t_32_fiq
    UNEXPECTED el0t_32_error
    .balign 128

// In the same section, within reach of the short branches above.

BEGIN el0t_64_fault
    mov     x0, x19
    mrs     x2, far_el1
    bl      el0t_64_fault_handler
    // falls through
END el0t_64_fault

// x19: the thread, on its stack.
BEGIN ret_to_user
    mov     x0, x19
    bl      LEAVE
    ldr     x0, [x19, #THREAD_FRAME]
    // falls through
END ret_to_user

// x0: the frame. Interrupts off.
BEGIN restore_user_context
    ldr     x1, [x0, #USER_FRAME_USER_VIEW]
    cbnz    x1, restore_isolated_context
    mov     sp, x0
    restore_user_registers
    eret
END restore_user_context

// sp: a KernelFrame. Interrupts off.
BEGIN ret_to_kernel
    ldp     x22, x23, [sp, #KERNEL_FRAME_PC_STATUS]
    msr     elr_el1, x22
    msr     spsr_el1, x23
    ldp     x0, x1, [sp, #0]
    ldp     x2, x3, [sp, #16]
    ldp     x4, x5, [sp, #32]
    ldp     x6, x7, [sp, #48]
    ldp     x8, x9, [sp, #64]
    ldp     x10, x11, [sp, #80]
    ldp     x12, x13, [sp, #96]
    ldp     x14, x15, [sp, #112]
    ldp     x16, x17, [sp, #128]
    ldp     x18, x19, [sp, #144]
    ldp     x20, x21, [sp, #160]
    ldp     x22, x23, [sp, #176]
    ldp     x24, x25, [sp, #192]
    ldp     x26, x27, [sp, #208]
    ldp     x28, x29, [sp, #224]
    ldr     x30, [sp, #KERNEL_FRAME_X30_SP]
    add     sp, sp, #KERNEL_FRAME_SIZE
    eret
END ret_to_kernel

// sp has left its stack, less a frame; the real x0 is in SP_EL0. Goes to the CPU's overflow stack for good.
BEGIN kernel_stack_overflow
    mrs     x0, tpidr_el1
    ldr     x0, [x0, #CPU_LOCAL_OVERFLOW_STACK]
    sub     x0, x0, #(KERNEL_FRAME_SIZE + 16)
    str     x1, [x0]
    mov     x1, sp
    add     x1, x1, #KERNEL_FRAME_SIZE
    str     x1, [x0, #KERNEL_FRAME_SIZE]
    mov     sp, x0
    ldr     x1, [sp]
    mrs     x0, sp_el0
    save_kernel_registers
    ldr     x1, [sp, #KERNEL_FRAME_SIZE]
    str     x1, [sp, #(KERNEL_FRAME_X30_SP + 8)]
    bl      kernel_stack_overflow_handler
END kernel_stack_overflow

BEGIN unexpected_exception
    enter_from_kernel
    bl      unexpected_exception_handler
END unexpected_exception
