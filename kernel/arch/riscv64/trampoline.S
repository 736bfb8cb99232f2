// The trampoline page: mapped at the same address, TRAMPOLINE_BASE, in every table, so that satp can be changed while
// running in it. Two copies, position independent: `uservec` and `userret`, linked where they run, for CPUs with
// address-space identifiers; a pair that flushes for CPUs without, linked like other code and only shown at that address.

#include <arch/offsets.hpp>
#include "registers.inc"

.macro trampoline_page suffix, section, flush
    .section \section, "ax", @progbits
    .balign 4096
trampoline_start\suffix:

// stvec while a trampoline thread is in user mode; sscratch holds its frame's address in the isolated table.
    .global uservec\suffix
    .type uservec\suffix, @function
uservec\suffix:
    csrrw   a0, sscratch, a0
    for_all_but_a0 sd, a0
    csrrw   t0, sscratch, zero
    sd      t0, FRAME_X(10)(a0)
    ld      sp, FRAME_KERNEL_STACK(a0)
    ld      tp, FRAME_CPU(a0)
    ld      t0, FRAME_USERTRAP(a0)
    ld      t1, FRAME_KERNEL_SATP(a0)
    ld      a0, FRAME_KERNEL_ADDRESS(a0)
    csrw    satp, t1
    .if \flush
    sfence.vma zero, zero
    .endif
    jr      t0
    .size uservec\suffix, . - uservec\suffix

// userret(frame in the isolated table, isolated table's satp)
    .balign 4
    .global userret\suffix
    .type userret\suffix, @function
userret\suffix:
    csrw    satp, a1
    .if \flush
    sfence.vma zero, zero
    .endif
    csrw    sscratch, a0
    sc.d    zero, zero, (a0)
    for_all_but_a0 ld, a0
    ld      a0, FRAME_X(10)(a0)
    sret
    .size userret\suffix, . - userret\suffix

    .balign 4096
.endm

trampoline_page , .trampoline, 0
trampoline_page _flushing, .text.trampoline_flushing, 1

// struct TrampolineCopy, twice: the page in the image, its functions where they run.
    .section .rodata.trampoline_copies, "a", @progbits
    .balign 8
    .global trampoline_copies
trampoline_copies:
    .dword  trampoline_load
    .dword  uservec
    .dword  userret
    .dword  trampoline_start_flushing
    .dword  TRAMPOLINE_BASE + (uservec_flushing - trampoline_start_flushing)
    .dword  TRAMPOLINE_BASE + (userret_flushing - trampoline_start_flushing)
