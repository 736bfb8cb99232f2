#pragma once
// The fake ISA's user registers.

#include "lib/address.hpp"

#include <array>
#include <cstdint>

namespace thread {
class Thread;
}

namespace arch {

struct UserFrame {
    std::array<std::uint64_t, 32> general;
    std::uint64_t program_counter;
    std::uint64_t stack_pointer;
    std::uint64_t status;
    thread::Thread* thread;
    std::uintptr_t kernel_stack;
    std::uintptr_t user_view;
};

enum class Register : std::uint8_t { r0, r1, r2, r3, r4, r5, r6, r7 };

struct KernelFrame {
    std::uint64_t program_counter;
};

void initialise_user_frame(UserFrame& frame, std::uintptr_t pc, std::uintptr_t sp);
constexpr std::uint64_t sanitise_status(std::uint64_t wanted, std::uint64_t) {
    return wanted;
}
/// There is no user mode on the host: fails the test that comes here.
[[noreturn]] void restore_user_context(UserFrame& frame);

} // namespace arch
