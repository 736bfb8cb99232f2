// This port against the contract (arch/contract), and the numbers in offsets.hpp against the structures.

#include "arch/contract/port.hpp"
#include "memory/kernel_map.hpp"
#include "thread/cpu.hpp"
#include "thread/thread.hpp"

#include <arch/offsets.hpp>

namespace arch {

static_assert(offsetof(UserFrame, general) == FRAME_X(0));
static_assert(offsetof(UserFrame, stack_pointer) == FRAME_X(2));
static_assert(offsetof(UserFrame, program_counter) == FRAME_PROGRAM_COUNTER);
static_assert(offsetof(UserFrame, thread) == FRAME_THREAD);
static_assert(offsetof(UserFrame, kernel_stack) == FRAME_KERNEL_STACK);
static_assert(offsetof(UserFrame, cpu) == FRAME_CPU);
static_assert(offsetof(UserFrame, kernel_satp) == FRAME_KERNEL_SATP);
static_assert(offsetof(UserFrame, usertrap) == FRAME_USERTRAP);
static_assert(offsetof(UserFrame, kernel_address) == FRAME_KERNEL_ADDRESS);
static_assert(offsetof(UserFrame, user_view) == FRAME_USER_VIEW);

static_assert(offsetof(KernelFrame, general) == FRAME_X(0));
static_assert(offsetof(KernelFrame, program_counter) == KERNEL_FRAME_PROGRAM_COUNTER);
static_assert(offsetof(KernelFrame, status) == KERNEL_FRAME_STATUS);
static_assert(sizeof(KernelFrame) == KERNEL_FRAME_SIZE);

static_assert(offsetof(CpuLocal, scratch) == CPU_SCRATCH);
static_assert(memory::kernel_stack_size == std::size_t{1} << KERNEL_STACK_BIT);

// Thread and Cpu are not standard-layout types; the compiler lays them out the same way nevertheless.
#pragma clang diagnostic ignored "-Winvalid-offsetof"
static_assert(offsetof(thread::Thread, frame) == THREAD_FRAME);
static_assert(offsetof(thread::Cpu, arch) == 0);

} // namespace arch
