// Whole pages of normal memory.

#include <arch/assembly.inc>

.text

// x0: page. DC ZVA clears a block of 4 << DCZID_EL0.BS bytes, unless DCZID_EL0.DZP forbids it.
BEGIN zero_page
    mrs     x1, dczid_el0
    tbnz    x1, #4, 2f
    mov     w2, #4
    lsl     w2, w2, w1          // BS is the low nibble; DZP above it is 0
1:  dc      zva, x0
    add     x0, x0, x2
    tst     x0, #0xfff
    b.ne    1b
    ret
2:  stp     xzr, xzr, [x0]
    stp     xzr, xzr, [x0, #16]
    stp     xzr, xzr, [x0, #32]
    stp     xzr, xzr, [x0, #48]
    add     x0, x0, #64
    tst     x0, #0xfff
    b.ne    2b
    ret
END zero_page

// x0: to, x1: from
BEGIN copy_page
1:  ldp     x2, x3, [x1]
    ldp     x4, x5, [x1, #16]
    ldp     x6, x7, [x1, #32]
    ldp     x8, x9, [x1, #48]
    ldp     x10, x11, [x1, #64]
    ldp     x12, x13, [x1, #80]
    ldp     x14, x15, [x1, #96]
    ldp     x16, x17, [x1, #112]
    add     x1, x1, #128
    stp     x2, x3, [x0]
    stp     x4, x5, [x0, #16]
    stp     x6, x7, [x0, #32]
    stp     x8, x9, [x0, #48]
    stp     x10, x11, [x0, #64]
    stp     x12, x13, [x0, #80]
    stp     x14, x15, [x0, #96]
    stp     x16, x17, [x0, #112]
    add     x0, x0, #128
    tst     x0, #0xfff
    b.ne    1b
    ret
END copy_page
