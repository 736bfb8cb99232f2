// From the boot loader (or PSCI CPU_ON) to C++ at the kernel's own addresses.
// Arm ARM (DDI 0487) D8 (translation), D19 (registers); image header: Linux Documentation/arm64/booting.rst.

#include <arch/assembly.inc>
#include <arch/offsets.hpp>

.arch armv8.1-a

// Table entries: Arm ARM D8.3. Attribute index 0 is normal memory, AF and inner shareable set, UXN everywhere.
#define ENTRY_TABLE 3
#define ENTRY_TEXT 0x0040000000000783    // page, read-only
#define ENTRY_CONSTANT 0x0060000000000783 // page, read-only, PXN
#define ENTRY_DATA 0x0060000000000703    // page, read-write, PXN
#define BLOCK_TEXT 0x0040000000000781
#define BLOCK_CONSTANT 0x0060000000000781

// The image lies at the 511th entry of the root, the 510th of the level below (0xffffffff80000000).
#define IMAGE_ROOT_INDEX 511
#define IMAGE_L1_INDEX 510
#define IMAGE_L3_TABLES 4 // 8 MiB of image; kernel.ld asserts that it fits

// MAIR_EL1: 0 normal, write-back; 1 device nGnRnE.
#define MAIR_VALUE 0x00ff
// TCR_EL1: T0SZ = T1SZ = 16, 4 KiB granules, table walks write-back and inner shareable, TBI0 (as Linux: user pointers may be tagged).
#define TCR_VALUE ((16 << 0) | (1 << 8) | (1 << 10) | (3 << 12) | (16 << 16) | (1 << 24) | (1 << 26) | (3 << 28) | (2 << 30) | (1 << 37))
// SCTLR_EL1: MMU and caches on, SP alignment checked, EL0 may use DC ZVA, CTR, DC/IC, WFI, WFE as under Linux; the bits that are 1 by default.
// SPAN (bit 23) is 0: every exception to EL1 sets PAN. Set where there is no PAN, as it is reserved there.
#define SCTLR_VALUE 0x3455d99d
#define SCTLR_SPAN (1 << 23)
#define SCTLR_OFF 0x30d00800 // MMU and caches off

.section .head.text, "ax"

.global _start
_start:
    b       primary_entry
    .long   0
    .quad   0            // text_offset: at the start of a 2 MiB block
    .quad   image_size
    .quad   0xa          // little endian, 4 KiB pages, anywhere in memory
    .quad   0, 0, 0
    .ascii  "ARM\x64"
    .long   0

// x0: physical address of the device tree. MMU off, EL1 or EL2.
BEGIN primary_entry
    msr     daifset, #0xf
    mov     x21, x0
    bl      enter_el1
    adr     x20, _start
    bl      build_boot_tables
    ldr     x27, =primary_virtual
    b       enable_mmu
END primary_entry

// x0: the thread::Cpu. MMU off.
BEGIN secondary_entry
    msr     daifset, #0xf
    mov     x19, x0
    bl      enter_el1
    ldr     x27, =secondary_virtual
    b       enable_mmu
END secondary_entry

// Goes from EL2 to EL1 and returns there. EL1 is left as much as it can use itself: counters, FPU, GICv3 system registers.
BEGIN enter_el1
    mrs     x1, currentel
    cmp     x1, #(2 << 2)
    b.ne    1f
    mov     x1, #(1 << 31)          // HCR_EL2.RW: EL1 is AArch64
    msr     hcr_el2, x1
    mov     x1, #3                  // EL1 uses the physical counter and timer
    msr     cnthctl_el2, x1
    msr     cntvoff_el2, xzr
    mov     x1, #0x33ff             // no FPU traps
    msr     cptr_el2, x1
    msr     hstr_el2, xzr
    msr     vttbr_el2, xzr
    mrs     x1, midr_el1
    msr     vpidr_el2, x1
    mrs     x1, mpidr_el1
    msr     vmpidr_el2, x1
    mrs     x1, id_aa64pfr0_el1
    ubfx    x1, x1, #24, #4         // GIC system registers?
    cbz     x1, 2f
    mov     x1, #0xf                // ICC_SRE_EL2: system registers on, and EL1 may use them
    msr     s3_4_c12_c9_5, x1
    isb
    msr     s3_4_c12_c11_0, xzr     // ICH_HCR_EL2: no virtual interrupts
2:  ldr     w1, =SCTLR_OFF
    msr     sctlr_el1, x1
    mov     x1, #0x3c5              // EL1h, all exceptions masked
    msr     spsr_el2, x1
    msr     elr_el2, x30
    eret
1:  ret
END enter_el1

// Entries of type \entry for the pages from \from to \to. x20: physical image start, x22: level 3 tables.
.macro map_image from, to, entry
    address x0, \from
    address x1, \to
    ldr     x2, =\entry
1:  cmp     x0, x1
    b.hs    2f
    sub     x3, x0, x20
    lsr     x3, x3, #12
    orr     x4, x0, x2
    str     x4, [x22, x3, lsl #3]
    add     x0, x0, #4096
    b       1b
2:
.endm

// The kernel's root with the image in it, and an identity map that only the way to the kernel's addresses uses: the 1 GiB around the
// image, and what the device tree (x21) lies in. x20: physical address of the image.
BEGIN build_boot_tables
    address x0, boot_tables_start
    address x1, boot_tables_end
1:  stp     xzr, xzr, [x0], #16
    cmp     x0, x1
    b.lo    1b

    address x5, kernel_root_table
    address x6, image_l1_table
    address x7, image_l2_table
    address x22, image_l3_tables
    orr     x0, x6, #ENTRY_TABLE
    str     x0, [x5, #(IMAGE_ROOT_INDEX * 8)]
    orr     x0, x7, #ENTRY_TABLE
    str     x0, [x6, #(IMAGE_L1_INDEX * 8)]
    mov     x1, #IMAGE_L3_TABLES
    orr     x0, x22, #ENTRY_TABLE
2:  str     x0, [x7], #8
    add     x0, x0, #4096
    subs    x1, x1, #1
    b.ne    2b
    map_image text_start, text_end, ENTRY_TEXT
    map_image constants_start, constants_end, ENTRY_CONSTANT
    map_image data_start, boot_stack_guard, ENTRY_DATA
    map_image boot_stack_start, image_end, ENTRY_DATA

    address x5, identity_root_table
    address x6, identity_l1_table
    orr     x0, x6, #ENTRY_TABLE
    lsr     x1, x20, #39
    str     x0, [x5, x1, lsl #3]
    lsr     x2, x21, #39
    cmp     x1, x2                  // a device tree in another 512 GiB would not be seen, and is not: start_kernel halts
    b.ne    3f
    ldr     x3, =BLOCK_CONSTANT
    lsr     x1, x21, #30
    orr     x0, x3, x1, lsl #30
    and     x2, x1, #511
    str     x0, [x6, x2, lsl #3]
    add     x1, x1, #1              // it may reach into the next
    orr     x0, x3, x1, lsl #30
    and     x2, x1, #511
    str     x0, [x6, x2, lsl #3]
3:  ldr     x3, =BLOCK_TEXT
    lsr     x1, x20, #30
    orr     x0, x3, x1, lsl #30
    and     x2, x1, #511
    str     x0, [x6, x2, lsl #3]

    // Written with the caches off: drop what the caches may hold of these lines.
    dmb     sy
    address x0, boot_tables_start
    address x1, boot_tables_end
    mrs     x2, ctr_el0
    ubfx    x2, x2, #16, #4
    mov     x3, #4
    lsl     x3, x3, x2
4:  dc      ivac, x0
    add     x0, x0, x3
    cmp     x0, x1
    b.lo    4b
    dsb     sy
    ret
END build_boot_tables

// Turns the MMU on and jumps to x27.
BEGIN enable_mmu
    mov     x0, #MAIR_VALUE
    msr     mair_el1, x0
    ldr     x0, =TCR_VALUE
    mrs     x1, id_aa64mmfr0_el1
    and     x2, x1, #0xf            // PARange, at most 48 bits
    mov     x3, #5
    cmp     x2, x3
    csel    x2, x2, x3, lo
    orr     x0, x0, x2, lsl #32     // IPS
    ubfx    x2, x1, #4, #4          // ASIDBits
    cmp     x2, #2
    cset    x2, eq
    orr     x0, x0, x2, lsl #36     // AS: 16-bit ASIDs
    msr     tcr_el1, x0
    address x0, identity_root_table
    msr     ttbr0_el1, x0
    address x0, kernel_root_table
    msr     ttbr1_el1, x0
    tlbi    vmalle1
    ic      iallu
    dsb     nsh
    isb
    ldr     w0, =SCTLR_VALUE
    mrs     x1, id_aa64mmfr1_el1
    ubfx    x1, x1, #20, #4         // PAN
    cbnz    x1, 1f
    orr     x0, x0, #SCTLR_SPAN
1:  msr     sctlr_el1, x0
    isb
    cbz     x1, 2f
    msr     pan, #1
2:  br      x27
END enable_mmu

    .ltorg

.section .text.boot, "ax"

// At the kernel's addresses. x20: physical image start, x21: device tree.
BEGIN primary_virtual
    address x0, boot_stack_end
    mov     sp, x0
    mov     x29, xzr
    address x0, boot_cpu_local
    msr     tpidr_el1, x0
    address x0, vectors
    msr     vbar_el1, x0
    isb
    address x0, bss_start
    address x1, bss_end
1:  cmp     x0, x1
    b.hs    2f
    stp     xzr, xzr, [x0]
    stp     xzr, xzr, [x0, #16]
    stp     xzr, xzr, [x0, #32]
    stp     xzr, xzr, [x0, #48]
    add     x0, x0, #64
    b       1b
2:  mov     x0, x21
    mov     x1, x20
    bl      start_kernel
END primary_virtual

// x19: the thread::Cpu.
BEGIN secondary_virtual
    ldr     x0, [x19, #CPU_LOCAL_START_STACK]
    mov     sp, x0
    mov     x29, xzr
    msr     tpidr_el1, x19
    address x0, vectors
    msr     vbar_el1, x0
    isb
    mov     x0, x19
    bl      start_secondary_cpu
END secondary_virtual

.section .boot_tables, "aw", %nobits
.balign 4096
.global kernel_root_table
kernel_root_table:   .space 4096
image_l1_table:      .space 4096
image_l2_table:      .space 4096
image_l3_tables:     .space 4096 * IMAGE_L3_TABLES
identity_root_table: .space 4096
identity_l1_table:   .space 4096
