// Copies between kernel and user memory with the program's own rights: LDTR and STTR (Arm ARM C6.2) are checked as if from EL0.
// In each function the user pointer, and the kernel pointer beside it, stand at a place up to which all is copied; a fault in a wide step
// goes on byte by byte from there, so that the count returned is exact.

#include <arch/assembly.inc>

.arch armv8.1-a
.text

// The numbered user access below may fault: then on at \fixup.
.macro USER fixup, instruction:vararg
9999: \instruction
    FIXUP   9999b, \fixup
.endm

// x0: to, x1: from (user), x2: n. Returns bytes not copied. x11: end of the user range.
BEGIN copy_from_user
    add     x11, x1, x2
    subs    x2, x2, #64
    b.lo    2f
1:  USER 7f, ldtr x3, [x1]
    USER 7f, ldtr x4, [x1, #8]
    USER 7f, ldtr x5, [x1, #16]
    USER 7f, ldtr x6, [x1, #24]
    USER 7f, ldtr x7, [x1, #32]
    USER 7f, ldtr x8, [x1, #40]
    USER 7f, ldtr x9, [x1, #48]
    USER 7f, ldtr x10, [x1, #56]
    add     x1, x1, #64
    subs    x2, x2, #64
    stp     x3, x4, [x0]
    stp     x5, x6, [x0, #16]
    stp     x7, x8, [x0, #32]
    stp     x9, x10, [x0, #48]
    add     x0, x0, #64
    b.hs    1b
2:  tbz     w2, #5, 3f
    USER 7f, ldtr x3, [x1]
    USER 7f, ldtr x4, [x1, #8]
    USER 7f, ldtr x5, [x1, #16]
    USER 7f, ldtr x6, [x1, #24]
    add     x1, x1, #32
    stp     x3, x4, [x0], #16
    stp     x5, x6, [x0], #16
3:  tbz     w2, #4, 4f
    USER 7f, ldtr x3, [x1]
    USER 7f, ldtr x4, [x1, #8]
    add     x1, x1, #16
    stp     x3, x4, [x0], #16
4:  tbz     w2, #3, 5f
    USER 7f, ldtr x3, [x1]
    add     x1, x1, #8
    str     x3, [x0], #8
5:  tbz     w2, #2, 6f
    USER 7f, ldtr w3, [x1]
    add     x1, x1, #4
    str     w3, [x0], #4
6:  tst     w2, #3
    b.ne    7f
    mov     x0, #0
    ret
7:  USER 8f, ldtrb w3, [x1]
    add     x1, x1, #1
    strb    w3, [x0], #1
    cmp     x1, x11
    b.ne    7b
8:  sub     x0, x11, x1
    ret
END copy_from_user

// x0: to (user), x1: from, x2: n. Returns bytes not copied.
BEGIN copy_to_user
    add     x11, x0, x2
    subs    x2, x2, #64
    b.lo    2f
1:  ldp     x3, x4, [x1]
    ldp     x5, x6, [x1, #16]
    ldp     x7, x8, [x1, #32]
    ldp     x9, x10, [x1, #48]
    USER 7f, sttr x3, [x0]
    USER 7f, sttr x4, [x0, #8]
    USER 7f, sttr x5, [x0, #16]
    USER 7f, sttr x6, [x0, #24]
    USER 7f, sttr x7, [x0, #32]
    USER 7f, sttr x8, [x0, #40]
    USER 7f, sttr x9, [x0, #48]
    USER 7f, sttr x10, [x0, #56]
    add     x1, x1, #64
    add     x0, x0, #64
    subs    x2, x2, #64
    b.hs    1b
2:  tbz     w2, #5, 3f
    ldp     x3, x4, [x1]
    ldp     x5, x6, [x1, #16]
    USER 7f, sttr x3, [x0]
    USER 7f, sttr x4, [x0, #8]
    USER 7f, sttr x5, [x0, #16]
    USER 7f, sttr x6, [x0, #24]
    add     x1, x1, #32
    add     x0, x0, #32
3:  tbz     w2, #4, 4f
    ldp     x3, x4, [x1]
    USER 7f, sttr x3, [x0]
    USER 7f, sttr x4, [x0, #8]
    add     x1, x1, #16
    add     x0, x0, #16
4:  tbz     w2, #3, 5f
    ldr     x3, [x1]
    USER 7f, sttr x3, [x0]
    add     x1, x1, #8
    add     x0, x0, #8
5:  tbz     w2, #2, 6f
    ldr     w3, [x1]
    USER 7f, sttr w3, [x0]
    add     x1, x1, #4
    add     x0, x0, #4
6:  tst     w2, #3
    b.ne    7f
    mov     x0, #0
    ret
7:  ldrb    w3, [x1]
    USER 8f, sttrb w3, [x0]
    add     x1, x1, #1
    add     x0, x0, #1
    cmp     x0, x11
    b.ne    7b
8:  sub     x0, x11, x0
    ret
END copy_to_user

// x0: to (user), x1: n. Returns bytes not cleared.
BEGIN clear_user
    add     x11, x0, x1
    subs    x1, x1, #64
    b.lo    2f
1:  USER 7f, sttr xzr, [x0]
    USER 7f, sttr xzr, [x0, #8]
    USER 7f, sttr xzr, [x0, #16]
    USER 7f, sttr xzr, [x0, #24]
    USER 7f, sttr xzr, [x0, #32]
    USER 7f, sttr xzr, [x0, #40]
    USER 7f, sttr xzr, [x0, #48]
    USER 7f, sttr xzr, [x0, #56]
    add     x0, x0, #64
    subs    x1, x1, #64
    b.hs    1b
2:  add     x1, x1, #64
3:  subs    x1, x1, #8
    b.lo    6f
    USER 7f, sttr xzr, [x0]
    add     x0, x0, #8
    b       3b
6:  cmp     x0, x11
    b.ne    7f
    mov     x0, #0
    ret
7:  USER 8f, sttrb wzr, [x0]
    add     x0, x0, #1
    cmp     x0, x11
    b.ne    7b
8:  sub     x0, x11, x0
    ret
END clear_user

// x0: to, x1: from (user), x2: max. Returns the length, max without a NUL, or -1. Words are read where they are aligned, so none
// reaches into a page that the string does not.
BEGIN copy_string_from_user
    mov     x4, x1
    add     x5, x1, x2
    mov     x6, #0x0101010101010101
1:  cmp     x1, x5
    b.eq    6f
    tst     x1, #7
    b.eq    3f
2:  USER 7f, ldtrb w3, [x1]
    strb    w3, [x0], #1
    cbz     w3, 5f
    add     x1, x1, #1
    b       1b
3:  sub     x7, x5, x1
    cmp     x7, #8
    b.lo    4f
    USER 7f, ldtr x3, [x1]
    sub     x8, x3, x6          // a byte of x3 is 0 where this borrows into its top bit: (x - 0x01..) & ~x & 0x80..
    bic     x8, x8, x3
    tst     x8, #0x8080808080808080
    b.ne    4f
    str     x3, [x0], #8
    add     x1, x1, #8
    b       3b
4:  cmp     x1, x5
    b.eq    6f
    USER 7f, ldtrb w3, [x1]
    strb    w3, [x0], #1
    cbz     w3, 5f
    add     x1, x1, #1
    b       4b
5:  sub     x0, x1, x4
    ret
6:  mov     x0, x2
    ret
7:  mov     x0, #-1
    ret
END copy_string_from_user

// x0: from (user), x1: value
BEGIN load_user_word
    USER 1f, ldtr w3, [x0]
    str     w3, [x1]
    mov     w0, #0
    ret
1:  mov     w0, #-1
    ret
END load_user_word

// x0: at (user), x1: expected, w2: desired. There is no unprivileged exclusive, so PAN is opened, on CPUs that have it. EL1's rights in a
// user page are EL0's except that it may read execute-only pages, where a store faults.
BEGIN compare_exchange_user_word
    ldr     w5, [x1]
    mrs     x7, id_aa64mmfr1_el1
    ubfx    x7, x7, #20, #4
    cbz     x7, 1f
    msr     pan, #0
1:  USER 4f, ldaxr w4, [x0]
    cmp     w4, w5
    b.ne    2f
    USER 4f, stlxr w6, w2, [x0]
    cbnz    w6, 1b
    dmb     ish
    mov     w0, #1
    b       3f
2:  clrex
    str     w4, [x1]
    mov     w0, #0
3:  cbz     x7, 5f
    msr     pan, #1
5:  ret
4:  mov     w0, #-1
    b       3b
END compare_exchange_user_word
