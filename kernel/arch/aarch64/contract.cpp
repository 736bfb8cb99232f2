// This port fulfils the contract, and assembly's offsets are the types' own.

#include "arch/contract/port.hpp"
#include "memory/kernel_map.hpp"
#include "thread/cpu.hpp"
#include "thread/thread.hpp"

#include <arch/offsets.hpp>
#include <cstddef>

namespace arch {

static_assert(offsetof(UserFrame, general) == USER_FRAME_GENERAL);
static_assert(offsetof(UserFrame, general) + 30 * 8 == USER_FRAME_X30_PC);
static_assert(offsetof(UserFrame, program_counter) == USER_FRAME_X30_PC + 8);
static_assert(offsetof(UserFrame, stack_pointer) == USER_FRAME_SP_STATUS);
static_assert(offsetof(UserFrame, status) == USER_FRAME_SP_STATUS + 8);
static_assert(offsetof(UserFrame, thread) == USER_FRAME_THREAD);
static_assert(offsetof(UserFrame, kernel_stack) == USER_FRAME_KERNEL_STACK);
static_assert(offsetof(UserFrame, kernel_root) == USER_FRAME_KERNEL_ROOT);
static_assert(offsetof(UserFrame, self) == USER_FRAME_SELF);
static_assert(offsetof(UserFrame, user_view) == USER_FRAME_USER_VIEW);
static_assert(offsetof(UserFrame, isolated_root) == USER_FRAME_ISOLATED_ROOT);

static_assert(offsetof(KernelFrame, general) + 30 * 8 == KERNEL_FRAME_X30_SP);
static_assert(offsetof(KernelFrame, stack_pointer) == KERNEL_FRAME_X30_SP + 8);
static_assert(offsetof(KernelFrame, program_counter) == KERNEL_FRAME_PC_STATUS);
static_assert(offsetof(KernelFrame, status) == KERNEL_FRAME_PC_STATUS + 8);
static_assert(sizeof(KernelFrame) == KERNEL_FRAME_SIZE);

static_assert(offsetof(CpuLocal, overflow_stack) == CPU_LOCAL_OVERFLOW_STACK);
static_assert(offsetof(CpuLocal, start_stack) == CPU_LOCAL_START_STACK);
static_assert(memory::kernel_stack_size == std::size_t{1} << KERNEL_STACK_SHIFT);

// Neither class is of standard layout; the compiler knows their offsets all the same.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Winvalid-offsetof"
static_assert(offsetof(thread::Cpu, arch) == 0);
static_assert(offsetof(thread::Thread, frame) == THREAD_FRAME);
#pragma clang diagnostic pop

} // namespace arch
