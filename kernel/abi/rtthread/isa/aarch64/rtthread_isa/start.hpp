#pragma once
// Start registers of programs and threads.

#include "abi/rtthread/generation.hpp"
#include "lib/result.hpp"

#include <arch/frame.hpp>

namespace abi::rtthread::isa {

/// x0: the arguments, x1: the entry, x2 and x3: the stack's end. 5.0.x leaves SP_EL0 0: the program sets it from x3.
inline void set_program_start(
    arch::UserFrame& frame, std::uintptr_t entry, std::uintptr_t stack_end, std::uintptr_t arguments,
    Generation generation) {
    arch::initialise_user_frame(frame, entry, generation == Generation::newest ? stack_end : 0);
    frame.general[0] = arguments;
    frame.general[1] = entry;
    frame.general[2] = frame.general[3] = stack_end;
}

/// x0: the parameter; the thread returns to `exit_code`, and its stack pointer is there.
inline Result<> set_thread_start(
    arch::UserFrame& frame, std::uintptr_t entry, std::uint64_t parameter, std::uintptr_t stack_pointer,
    std::uintptr_t exit_code) {
    arch::initialise_user_frame(frame, entry, stack_pointer);
    frame.general[0] = parameter;
    frame.general[30] = exit_code;
    return {};
}

/// For reports: all of UserFrame::general by number.
inline constexpr std::size_t register_count = 31;
inline std::uint64_t register_value(const arch::UserFrame& frame, std::size_t index) {
    return frame.general[index];
}
inline constexpr char register_letter = 'x';

} // namespace abi::rtthread::isa
