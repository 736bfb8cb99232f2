// The D extension's registers in memory: f0..f31, then fcsr. sstatus.FS must not be Off.

#include <arch/offsets.hpp>
#include "registers.inc"

.option arch, +d

.macro for_fpu instruction
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    \instruction f\n, 8 * \n(a0)
    .endr
.endm

function store_fpu_registers
    for_fpu fsd
    frcsr   t0
    sd      t0, 8 * 32(a0)
    ret
end_function store_fpu_registers

function load_fpu_registers
    for_fpu fld
    ld      t0, 8 * 32(a0)
    fscsr   t0
    ret
end_function load_fpu_registers
