// Copies between kernel and user memory. Words first, 64 bytes a turn; pointers move only when a turn is complete, so a
// fault inside one goes to the byte loop, which copies up to the very byte that faults.
// Words need not be aligned on both sides: the target is, where that is possible; the CPU (or the firmware) does the rest.

#include <arch/offsets.hpp>
#include "registers.inc"

// An instruction that may fault, and where to go on if it does.
.macro may_fault fixup, instruction:vararg
8888:
    \instruction
    .pushsection .exception_table, "a", @progbits
    .balign 4
    .word 8888b - .
    .word \fixup - .
    .popsection
.endm

.macro open_user_memory
    li      t0, SSTATUS_SUM
    csrs    sstatus, t0
.endm

.macro close_user_memory
    li      t0, SSTATUS_SUM
    csrc    sstatus, t0
.endm

// a0 to, a1 from, a2 bytes. `load` and `store` are `may_fault bytes,` or `may_fault 9f,` on the user's side.
.macro copy_function name, from_user
function \name
    .if \from_user
    .macro load_word args:vararg
        may_fault \name\()_bytes, ld \args
    .endm
    .macro store_word args:vararg
        sd \args
    .endm
    .else
    .macro load_word args:vararg
        ld \args
    .endm
    .macro store_word args:vararg
        may_fault \name\()_bytes, sd \args
    .endm
    .endif
    open_user_memory
    li      t1, 8
    bltu    a2, t1, \name\()_bytes
    andi    t2, a0, 7
    bnez    t2, \name\()_align
\name\()_aligned:
    addi    t3, a2, -64
    bltz    t3, \name\()_words
    add     t3, t3, a0              // the last place where a turn may start
1:  load_word a3, 0(a1)
    load_word a4, 8(a1)
    load_word a5, 16(a1)
    load_word a6, 24(a1)
    load_word a7, 32(a1)
    load_word t4, 40(a1)
    load_word t5, 48(a1)
    load_word t6, 56(a1)
    store_word a3, 0(a0)
    store_word a4, 8(a0)
    store_word a5, 16(a0)
    store_word a6, 24(a0)
    store_word a7, 32(a0)
    store_word t4, 40(a0)
    store_word t5, 48(a0)
    store_word t6, 56(a0)
    addi    a0, a0, 64
    addi    a1, a1, 64
    addi    a2, a2, -64
    bgeu    t3, a0, 1b
\name\()_words:
    bltu    a2, t1, \name\()_bytes
2:  load_word a3, 0(a1)
    store_word a3, 0(a0)
    addi    a0, a0, 8
    addi    a1, a1, 8
    addi    a2, a2, -8
    bgeu    a2, t1, 2b
\name\()_bytes:
    beqz    a2, 9f
3:
    .if \from_user
    may_fault 9f, lbu a3, 0(a1)
    sb      a3, 0(a0)
    .else
    lbu     a3, 0(a1)
    may_fault 9f, sb a3, 0(a0)
    .endif
    addi    a0, a0, 1
    addi    a1, a1, 1
    addi    a2, a2, -1
    bnez    a2, 3b
9:  close_user_memory
    mv      a0, a2
    ret
\name\()_align:                     // single bytes until the target is aligned; at least 8 are left at the start
    .if \from_user
    may_fault 9b, lbu a3, 0(a1)
    sb      a3, 0(a0)
    .else
    lbu     a3, 0(a1)
    may_fault 9b, sb a3, 0(a0)
    .endif
    addi    a0, a0, 1
    addi    a1, a1, 1
    addi    a2, a2, -1
    andi    t2, a0, 7
    bnez    t2, \name\()_align
    j       \name\()_aligned
end_function \name
    .purgem load_word
    .purgem store_word
.endm

copy_function copy_from_user, 1
copy_function copy_to_user, 0

// a0 to, a1 bytes
function clear_user
    open_user_memory
    li      t1, 8
    bltu    a1, t1, 5f
1:  andi    t2, a0, 7
    beqz    t2, 2f
    may_fault 9f, sb zero, 0(a0)
    addi    a0, a0, 1
    addi    a1, a1, -1
    j       1b
2:  addi    t3, a1, -64
    bltz    t3, 4f
    add     t3, t3, a0
3:  may_fault 5f, sd zero, 0(a0)
    may_fault 5f, sd zero, 8(a0)
    may_fault 5f, sd zero, 16(a0)
    may_fault 5f, sd zero, 24(a0)
    may_fault 5f, sd zero, 32(a0)
    may_fault 5f, sd zero, 40(a0)
    may_fault 5f, sd zero, 48(a0)
    may_fault 5f, sd zero, 56(a0)
    addi    a0, a0, 64
    addi    a1, a1, -64
    bgeu    t3, a0, 3b
4:  bltu    a1, t1, 5f
    may_fault 5f, sd zero, 0(a0)
    addi    a0, a0, 8
    addi    a1, a1, -8
    j       4b
5:  beqz    a1, 9f
6:  may_fault 9f, sb zero, 0(a0)
    addi    a0, a0, 1
    addi    a1, a1, -1
    bnez    a1, 6b
9:  close_user_memory
    mv      a0, a1
    ret
end_function clear_user

// a0 to, a1 from, a2 max. Whole words once the source is aligned (they never cross a page); a word with a zero byte in it
// goes to the byte loop. x has a zero byte if and only if (x - 0x01..01) & ~x & 0x80..80.
function copy_string_from_user
    open_user_memory
    mv      a3, a0                  // start
    add     a4, a0, a2              // limit
    addi    a5, a4, -8              // the last place for a word
1:  andi    t1, a1, 7
    beqz    t1, 3f
2:  beq     a0, a4, 9f
    may_fault 10f, lbu t1, 0(a1)
    sb      t1, 0(a0)
    beqz    t1, 9f
    addi    a0, a0, 1
    addi    a1, a1, 1
    j       1b
3:  li      a6, 0x0101010101010101
    slli    a7, a6, 7
4:  blt     a5, a0, 5f              // kernel addresses: negative on both sides
    may_fault 5f, ld t1, 0(a1)
    sub     t2, t1, a6
    not     t3, t1
    and     t2, t2, t3
    and     t2, t2, a7
    bnez    t2, 5f
    sd      t1, 0(a0)
    addi    a0, a0, 8
    addi    a1, a1, 8
    j       4b
5:  beq     a0, a4, 9f
    may_fault 10f, lbu t1, 0(a1)
    sb      t1, 0(a0)
    beqz    t1, 9f
    addi    a0, a0, 1
    addi    a1, a1, 1
    j       5b
9:  close_user_memory
    sub     a0, a0, a3
    ret
10: close_user_memory
    li      a0, -1
    ret
end_function copy_string_from_user

// a0 from, a1 value
function load_user_word
    open_user_memory
    may_fault 9f, lw a2, 0(a0)
    sw      a2, 0(a1)
    li      a0, 0
    close_user_memory
    ret
9:  li      a0, -1
    close_user_memory
    ret
end_function load_user_word

// a0 at, a1 expected, a2 desired
function compare_exchange_user_word
    lw      a3, 0(a1)
    open_user_memory
1:  may_fault 9f, lr.w.aqrl a4, (a0)
    bne     a4, a3, 2f
    may_fault 9f, sc.w.rl a5, a2, (a0)
    bnez    a5, 1b
    close_user_memory
    li      a0, 1
    ret
2:  close_user_memory
    sw      a4, 0(a1)
    li      a0, 0
    ret
9:  close_user_memory
    li      a0, -1
    ret
end_function compare_exchange_user_word
