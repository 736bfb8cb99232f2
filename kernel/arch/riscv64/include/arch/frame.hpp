#pragma once
// The user registers, saved where the vector finds them, and the registers of interrupted kernel code.
// Register names and numbers: RISC-V psABI, "Register Convention".

#include <array>
#include <cstdint>

namespace thread {
class Thread;
struct Cpu;
} // namespace thread

namespace arch {

/// Indices into `general`.
enum class Register : std::uint8_t {
    ra = 1,
    sp,
    gp,
    tp,
    t0,
    t1,
    t2,
    s0,
    s1,
    a0,
    a1,
    a2,
    a3,
    a4,
    a5,
    a6,
    a7,
    s2,
    s3,
    s4,
    s5,
    s6,
    s7,
    s8,
    s9,
    s10,
    s11,
    t3,
    t4,
    t5,
    t6,
};

/// The save area. While its thread is in user mode, sscratch holds its address; the assembly knows the layout
/// (offsets.hpp).
struct UserFrame {
    union {
        std::array<std::uint64_t, 32> general; // x0..x31; slot 0 is the vector's own
        struct {
            std::uint64_t unused_x0, return_address, stack_pointer; // x2 under the name that all ISAs share
        };
    };
    std::uint64_t program_counter;
    std::uint64_t status; // sstatus as it is in user mode; nothing in it is the user's to change

    // What the vector needs; written by bind_frame() and the scheduler.
    thread::Thread* thread;      // whose registers these are
    std::uintptr_t kernel_stack; // where the handler runs
    thread::Cpu* cpu;            // set on each return to user mode

    // Trampoline mode only.
    std::uint64_t kernel_satp;     // the full table; set on each return to user mode
    std::uintptr_t usertrap;       // the handler's address
    std::uintptr_t kernel_address; // this frame as the kernel sees it
    std::uintptr_t user_view;      // this frame's address in the isolated table; 0: direct mode

    std::uint64_t& operator[](Register which) { return general[static_cast<std::size_t>(which)]; }
    std::uint64_t operator[](Register which) const { return general[static_cast<std::size_t>(which)]; }
};

/// On the kernel stack below the interrupted code. For interrupts only the registers that a function call may change
/// are valid in it.
struct KernelFrame {
    std::array<std::uint64_t, 32> general; // x0..x31; slot 0 unused
    std::uint64_t program_counter;
    std::uint64_t status; // sstatus when the trap was taken
};

/// All general registers 0, user mode, interrupts on. Leaves what bind_frame() wrote.
void initialise_user_frame(UserFrame& frame, std::uintptr_t pc, std::uintptr_t sp);

/// Nothing in sstatus is the user's to change: gives `current` back.
inline std::uint64_t sanitise_status(std::uint64_t, std::uint64_t current) {
    return current;
}

/// Loads the registers and goes to user mode, through userret when the frame's thread is isolated. Interrupts off.
extern "C" [[noreturn]] void restore_user_context(UserFrame& frame);

} // namespace arch
