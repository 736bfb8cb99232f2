#pragma once
// The user registers as the vectors save them. The order is fixed by hardware and by push: the five words from
// program_counter to stack_segment are what the CPU itself writes (SDM volume 3, 6.14.2), because TSS.RSP0 points
// right behind them while the thread runs.

#include <arch/offsets.hpp>
#include <array>
#include <cstddef>
#include <cstdint>

namespace thread {
class Thread;
}

namespace arch {

/// Indices into UserFrame::general, lowest address first.
enum class Register : std::uint8_t { r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi };

struct alignas(16) UserFrame {
    std::array<std::uint64_t, 15> general; // by Register
    std::uint64_t vector;                  // of the last fault or interrupt; stale after a system call
    std::uint64_t error_code;              // of that vector, 0 when it has none
    std::uint64_t program_counter;
    std::uint64_t code_segment; // always user_code_selector
    std::uint64_t status;       // RFLAGS
    std::uint64_t stack_pointer;
    std::uint64_t stack_segment; // always user_data_selector
    // what the vector needs; written by bind_frame() and initialise_user_frame()
    thread::Thread* thread;
    std::uintptr_t kernel_stack; // top, 16-byte aligned
    std::uint64_t original_rax;  // the system call's number: rax as it came in, for restarting the call
    std::uint64_t full_root;     // isolated: CR3 of the table that also holds the kernel; direct: 0
    std::uint64_t isolated_root; // isolated: CR3 while in user mode; direct: 0
    std::uintptr_t user_view;    // isolated: this frame's address under isolated_root; direct: 0

    std::uint64_t& operator[](Register which) { return general[static_cast<std::size_t>(which)]; }
    std::uint64_t operator[](Register which) const { return general[static_cast<std::size_t>(which)]; }
};

static_assert(offsetof(UserFrame, vector) == FRAME_VECTOR);
static_assert(offsetof(UserFrame, error_code) == FRAME_ERROR);
static_assert(offsetof(UserFrame, program_counter) == FRAME_PC);
static_assert(offsetof(UserFrame, status) == FRAME_STATUS);
static_assert(offsetof(UserFrame, stack_pointer) == FRAME_SP);
static_assert(offsetof(UserFrame, stack_segment) == FRAME_SS);
static_assert(offsetof(UserFrame, thread) == FRAME_HARDWARE_END && FRAME_HARDWARE_END % 16 == 0);
static_assert(offsetof(UserFrame, kernel_stack) == FRAME_KERNEL_STACK);
static_assert(offsetof(UserFrame, original_rax) == FRAME_ORIGINAL_RAX);
static_assert(offsetof(UserFrame, full_root) == FRAME_FULL_ROOT);
static_assert(offsetof(UserFrame, isolated_root) == FRAME_ISOLATED_ROOT);
static_assert(offsetof(UserFrame, user_view) == FRAME_USER_VIEW);

/// Registers of interrupted kernel code, on the stack that the trap found. Same order as UserFrame's first part.
struct KernelFrame {
    std::array<std::uint64_t, 15> general;
    std::uint64_t vector;
    std::uint64_t error_code;
    std::uint64_t program_counter;
    std::uint64_t code_segment;
    std::uint64_t status;
    std::uint64_t stack_pointer;
    std::uint64_t stack_segment;
};
static_assert(sizeof(KernelFrame) == FRAME_HARDWARE_END);

/// RFLAGS bits (SDM volume 1, 3.4.3).
namespace flag {
inline constexpr std::uint64_t carry = 1u << 0, always_one = 1u << 1, parity = 1u << 2, adjust = 1u << 4,
                               zero = 1u << 6, sign = 1u << 7, trap = 1u << 8, interrupt = 1u << 9,
                               direction = 1u << 10, overflow = 1u << 11, io_privilege = 3u << 12,
                               nested_task = 1u << 14, resume = 1u << 16, alignment_check = 1u << 18,
                               identification = 1u << 21;
/// What a program may change of its own RFLAGS through the kernel (signal return, debugger).
inline constexpr std::uint64_t user_changeable =
    carry | parity | adjust | zero | sign | trap | direction | overflow | resume | alignment_check;
} // namespace flag

/// Keeps the vector's own fields; all general registers 0, user mode, interrupts on.
void initialise_user_frame(UserFrame& frame, std::uintptr_t pc, std::uintptr_t sp);

/// `wanted` with every bit that a program may not choose taken from `current`.
constexpr std::uint64_t sanitise_status(std::uint64_t wanted, std::uint64_t current) {
    return (wanted & flag::user_changeable) | (current & ~flag::user_changeable) | flag::always_one | flag::interrupt;
}

/// Loads the registers and goes to user mode: sysret when rcx and r11 hold pc and flags as that instruction leaves
/// them, else iret. Interrupts off. A pc that is not canonical becomes a protection fault of the thread first.
extern "C" [[noreturn]] void restore_user_context(UserFrame& frame);

} // namespace arch
