#pragma once
// Numbers that assembly and C++ share. C++ checks each one against the structure it describes by static_assert.

// UserFrame and KernelFrame
#define FRAME_R15 0
#define FRAME_R14 8
#define FRAME_R13 16
#define FRAME_R12 24
#define FRAME_RBP 32
#define FRAME_RBX 40
#define FRAME_R11 48
#define FRAME_R10 56
#define FRAME_R9 64
#define FRAME_R8 72
#define FRAME_RAX 80
#define FRAME_RCX 88
#define FRAME_RDX 96
#define FRAME_RSI 104
#define FRAME_RDI 112
#define FRAME_VECTOR 120
#define FRAME_ERROR 128
#define FRAME_PC 136
#define FRAME_CS 144
#define FRAME_STATUS 152
#define FRAME_SP 160
#define FRAME_SS 168
#define FRAME_HARDWARE_END 176
#define FRAME_THREAD 176
#define FRAME_KERNEL_STACK 184
#define FRAME_ORIGINAL_RAX 192
#define FRAME_FULL_ROOT 200
#define FRAME_ISOLATED_ROOT 208
#define FRAME_USER_VIEW 216

// CpuLocal, reached through GS
#define CPU_SELF 0
#define CPU_SCRATCH 8
#define CPU_KERNEL_ROOT 16
#define CPU_EXCEPTION_STACKS 24
#define CPU_TSS 64
#define CPU_RSP0 (CPU_TSS + 4)
#define CPU_GDT 176
#define CPU_ENTRY_STACKS 2048
#define CPU_ENTRY_STACK_SIZE 512

// Segment selectors. Linux's numbers, because signal frames and debuggers show them.
#define KERNEL_CODE_SELECTOR 0x10
#define KERNEL_DATA_SELECTOR 0x18
#define USER_DATA_SELECTOR 0x2b
#define USER_CODE_SELECTOR 0x33
#define TSS_SELECTOR 0x40

// The image is linked at its physical address plus this.
#define IMAGE_BASE 0xffffffff80000000
// Where a starting CPU's 16-bit code lies; a page below 1 MiB, which the frame allocator never hands out.
#define SECONDARY_PAGE 0x8000

// Vectors that run on a stack of their own: the IST number of each is its entry stack's index plus one.
#define IST_NMI 1
#define IST_DEBUG 2
#define IST_MACHINE_CHECK 3
#define IST_DOUBLE_FAULT 4
