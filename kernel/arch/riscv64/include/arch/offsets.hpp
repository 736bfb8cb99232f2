#pragma once
// Numbers that assembly and C++ share. Each offset is checked by a static_assert in contract.cpp.

// arch::UserFrame: x1..x31 at 8 * n; slot 0 takes the dummy store-conditional
#define FRAME_X(n) (8 * (n))
#define FRAME_PROGRAM_COUNTER 256
#define FRAME_THREAD 272
#define FRAME_KERNEL_STACK 280
#define FRAME_CPU 288
#define FRAME_KERNEL_SATP 296
#define FRAME_USERTRAP 304
#define FRAME_KERNEL_ADDRESS 312
#define FRAME_USER_VIEW 320

// arch::KernelFrame: x1..x31 at 8 * n, slot 0 unused
#define KERNEL_FRAME_PROGRAM_COUNTER 256
#define KERNEL_FRAME_STATUS 264
#define KERNEL_FRAME_SIZE 272

// thread::Thread, thread::Cpu
#define THREAD_FRAME 328
#define CPU_SCRATCH 0

// arch::SecondaryStart
#define SECONDARY_START_STACK 0
#define SECONDARY_START_CPU 8
#define SECONDARY_START_HART 16
#define SECONDARY_START_SIZE 24
#define SECONDARY_START_COUNT 8

// Kernel stacks are 16 KiB in the upper half of 32 KiB: this bit of a good stack pointer is set.
#define KERNEL_STACK_BIT 14

// scause (privileged specification, table 4.2)
#define CAUSE_USER_ECALL 8

// sstatus (privileged specification, 4.1.1)
#define SSTATUS_SIE 0x2
#define SSTATUS_SPIE 0x20
#define SSTATUS_SPP 0x100
#define SSTATUS_FS 0x6000
#define SSTATUS_FS_CLEAN 0x4000
#define SSTATUS_SUM 0x40000

// Virtual memory layout (page_table.hpp says what lives where)
#define DIRECT_MAP_BASE 0xffffffc000000000
#define TRAMPOLINE_BASE 0x3ffffff000
