#pragma once
// Byte offsets that assembly uses, as macros. offsets.cpp checks every one of them against the types.

#define USER_FRAME_GENERAL 0
#define USER_FRAME_X30_PC 240 // x30, then the program counter
#define USER_FRAME_SP_STATUS 256
#define USER_FRAME_THREAD 272 // thread, then kernel_stack
#define USER_FRAME_KERNEL_STACK 280
#define USER_FRAME_KERNEL_ROOT 288 // TTBR1 of the kernel, then the frame's own kernel address
#define USER_FRAME_SELF 296
#define USER_FRAME_USER_VIEW 304 // address in the isolated root (0: direct), then that root
#define USER_FRAME_ISOLATED_ROOT 312

#define KERNEL_FRAME_X30_SP 240 // x30, then the stack pointer
#define KERNEL_FRAME_PC_STATUS 256
#define KERNEL_FRAME_SIZE 272

#define CPU_LOCAL_OVERFLOW_STACK 0
#define CPU_LOCAL_START_STACK 8

// Clear in a stack pointer that has run below its stack: kernel stacks are the upper 2^14 bytes of slots of 2^15.
#define KERNEL_STACK_SHIFT 14

#define THREAD_FRAME 320 // thread::Thread::frame
