#pragma once
// The user registers, saved where the vector finds them. Arm ARM (DDI 0487) D1.3 "Exceptions".

#include "lib/address.hpp"

#include <array>
#include <cstdint>

namespace thread {
class Thread;
}

namespace arch {

/// Indices into UserFrame::general.
enum class Register : std::uint8_t {
    // clang-format off
    x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15,
    x16, x17, x18, x19, x20, x21, x22, x23, x24, x25, x26, x27, x28, x29, x30,
    // clang-format on
};

/// The save area. SP_EL1 holds its address while the thread is in user mode, so the vector stores at [sp] without a
/// free register. Assembly knows the layout: arch/offsets.hpp.
struct alignas(16) UserFrame {
    std::array<std::uint64_t, 31> general; // x0..x30
    std::uint64_t program_counter;         // ELR_EL1
    std::uint64_t stack_pointer;           // SP_EL0
    std::uint64_t status;                  // SPSR_EL1

    thread::Thread* thread;      // whose registers these are
    std::uintptr_t kernel_stack; // top of the stack to run the handler on
    std::uint64_t kernel_root;   // isolated entry: TTBR1_EL1 of the kernel
    std::uintptr_t self;         // isolated entry: this frame's address in the kernel
    std::uintptr_t user_view;    // isolated: this frame's address in the isolated root; 0: direct
    std::uint64_t isolated_root; // isolated: TTBR1_EL1 in user mode

    std::uint64_t& operator[](Register which) { return general[static_cast<std::size_t>(which)]; }
    std::uint64_t operator[](Register which) const { return general[static_cast<std::size_t>(which)]; }
};

/// Interrupted kernel code, on its own stack.
struct alignas(16) KernelFrame {
    std::array<std::uint64_t, 31> general;
    std::uint64_t stack_pointer;
    std::uint64_t program_counter;
    std::uint64_t status;
};

/// All general registers 0, user mode (EL0t), interrupts on. Leaves what bind_frame() wrote.
void initialise_user_frame(UserFrame& frame, std::uintptr_t pc, std::uintptr_t sp);

/// The condition flags of `wanted`, all else of `current` (for sigreturn and the like).
constexpr std::uint64_t sanitise_status(std::uint64_t wanted, std::uint64_t current) {
    constexpr std::uint64_t flags = 0xf000'0000; // SPSR_EL1.NZCV
    return (wanted & flags) | (current & ~flags);
}

/// Loads the registers and goes to user mode. Interrupts off. Direct and isolated threads.
extern "C" [[noreturn]] void restore_user_context(UserFrame& frame);

} // namespace arch
