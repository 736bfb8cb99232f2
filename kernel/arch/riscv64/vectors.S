// Where traps arrive while direct mode is on, and where those from kernel code arrive always; the way back to user mode.
//
// sscratch holds the running thread's frame while in user mode, 0 while in the kernel. In the kernel outside this file
// sstatus always has SPP = 0, SPIE = 1, SUM = 0 (but inside user copies), so that returning to user mode writes no
// sstatus at all; FS belongs to whoever owns the FPU.

#include <arch/offsets.hpp>
#include "registers.inc"

// C++ functions by their mangled names.
#define HANDLE_SYSCALL _ZN4trap14handle_syscallERN6thread6ThreadE // trap::handle_syscall(thread::Thread&)
#define LEAVE _ZN4trap5leaveERN6thread6ThreadE                    // trap::leave(thread::Thread&)

function trap_entry
    csrrw   a0, sscratch, a0
    beqz    a0, from_kernel
    for_all_but_a0 sd, a0
    csrrw   t0, sscratch, zero
    sd      t0, FRAME_X(10)(a0)
    csrr    a1, scause
    csrr    t0, sepc
    ld      sp, FRAME_KERNEL_STACK(a0)
    ld      tp, FRAME_CPU(a0)
    ld      s0, FRAME_THREAD(a0)
    li      t1, CAUSE_USER_ECALL
    bne     a1, t1, not_a_syscall
    addi    t0, t0, 4               // behind the ecall
    sd      t0, FRAME_PROGRAM_COUNTER(a0)
    mv      a0, s0
    call    HANDLE_SYSCALL
leave_to_user:
    mv      a0, s0
    call    LEAVE
    ld      a0, THREAD_FRAME(s0)    // exec may have changed it
    j       restore_user_context

not_a_syscall:
    sd      t0, FRAME_PROGRAM_COUNTER(a0)
    call    handle_user_trap        // (frame, cause)
    mv      s0, a0                  // perhaps another thread
    j       leave_to_user
end_function trap_entry

function restore_user_context
    ld      t0, FRAME_USER_VIEW(a0)
    bnez    t0, usertrapret
    ld      t0, FRAME_PROGRAM_COUNTER(a0)
    sd      tp, FRAME_CPU(a0)       // where the next trap finds this CPU
    csrw    sepc, t0
    csrw    sscratch, a0
    sc.d    zero, zero, (a0)        // ends any reservation, so that a user's lr/sc pair cannot span this
    for_all_but_a0 ld, a0
    ld      a0, FRAME_X(10)(a0)
    sret
end_function restore_user_context

// stvec while a trampoline thread is in the kernel.
function kernelvec
    csrw    sscratch, a0
from_kernel:                        // the kernel's a0 is in sscratch
    addi    sp, sp, -KERNEL_FRAME_SIZE
    slli    a0, sp, 63 - KERNEL_STACK_BIT
    bgez    a0, kernel_stack_overflow
    for_caller_saved_but_a0 sd, sp
    csrrw   t0, sscratch, zero
    sd      t0, FRAME_X(10)(sp)
    csrr    t0, sepc
    csrr    t1, sstatus
    sd      t0, KERNEL_FRAME_PROGRAM_COUNTER(sp)
    sd      t1, KERNEL_FRAME_STATUS(sp)
    li      t0, SSTATUS_SPP | SSTATUS_SUM
    csrc    sstatus, t0             // the handler may switch to another thread:
    li      t0, SSTATUS_SPIE        // the invariant above must hold for it
    csrs    sstatus, t0
    csrr    a1, scause
    mv      a0, sp
    bgez    a1, kernel_exception
    call    handle_kernel_interrupt // (frame, cause)
    j       kernel_return

kernel_exception:
    for_callee_saved sd, sp
    addi    t0, sp, KERNEL_FRAME_SIZE
    sd      t0, FRAME_X(2)(sp)
    sd      gp, FRAME_X(3)(sp)
    sd      tp, FRAME_X(4)(sp)
    call    handle_kernel_exception // (frame, cause)

kernel_return:                      // interrupts are off; FS stays as it has become
    ld      t0, KERNEL_FRAME_STATUS(sp)
    ld      t1, KERNEL_FRAME_PROGRAM_COUNTER(sp)
    li      t2, SSTATUS_SPP | SSTATUS_SPIE | SSTATUS_SUM
    and     t0, t0, t2
    csrc    sstatus, t2
    csrs    sstatus, t0
    csrw    sepc, t1
    sc.d    zero, zero, (sp)        // as above, for the interrupted kernel code's own lr/sc pairs
    for_caller_saved_but_a0 ld, sp
    ld      a0, FRAME_X(10)(sp)
    addi    sp, sp, KERNEL_FRAME_SIZE
    sret
end_function kernelvec

// The stack pointer is in a guard page, or on no stack at all. Reports on a stack kept for that; there is one, so the first
// CPU in trouble gets it.
function kernel_stack_overflow
    sd      t0, CPU_SCRATCH(tp)
    la      a0, emergency_stack_taken
    li      t0, 1
    amoswap.w t0, t0, (a0)
    bnez    t0, halt_here
    la      a0, emergency_stack_top - KERNEL_FRAME_SIZE
    ld      t0, CPU_SCRATCH(tp)
    for_all_but_a0 sd, a0
    csrrw   t0, sscratch, zero
    sd      t0, FRAME_X(10)(a0)
    addi    t0, sp, KERNEL_FRAME_SIZE
    sd      t0, FRAME_X(2)(a0)
    csrr    t0, sepc
    sd      t0, KERNEL_FRAME_PROGRAM_COUNTER(a0)
    csrr    t0, sstatus
    sd      t0, KERNEL_FRAME_STATUS(a0)
    mv      sp, a0
    call    report_kernel_stack_overflow // (frame)
halt_here:
    wfi
    j       halt_here
end_function kernel_stack_overflow

    .section .bss.emergency_stack_taken, "aw", @nobits
    .balign 4
emergency_stack_taken:
    .zero 4
