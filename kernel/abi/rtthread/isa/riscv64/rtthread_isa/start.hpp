#pragma once
// Start registers of programs and threads.

#include "abi/rtthread/generation.hpp"
#include "lib/result.hpp"

#include <arch/frame.hpp>

namespace abi::rtthread::isa {

/// a0: the arguments, a1: the entry, a2 and a3: the stack's end. 5.0.x leaves sp 0: the program sets it from a3.
inline void set_program_start(
    arch::UserFrame& frame, std::uintptr_t entry, std::uintptr_t stack_end, std::uintptr_t arguments,
    Generation generation) {
    using arch::Register;
    arch::initialise_user_frame(frame, entry, generation == Generation::newest ? stack_end : 0);
    frame[Register::a0] = arguments;
    frame[Register::a1] = entry;
    frame[Register::a2] = frame[Register::a3] = stack_end;
}

/// a0: the parameter; the thread returns to `exit_code`. gp and tp are the maker's.
inline Result<> set_thread_start(
    arch::UserFrame& frame, std::uintptr_t entry, std::uint64_t parameter, std::uintptr_t stack_pointer,
    std::uintptr_t exit_code) {
    using arch::Register;
    const std::uint64_t gp = frame[Register::gp], tp = frame[Register::tp];
    arch::initialise_user_frame(frame, entry, stack_pointer);
    frame[Register::a0] = parameter;
    frame[Register::ra] = exit_code;
    frame[Register::gp] = gp;
    frame[Register::tp] = tp;
    return {};
}

/// For reports: all of UserFrame::general by number.
inline constexpr std::size_t register_count = 32;
inline std::uint64_t register_value(const arch::UserFrame& frame, std::size_t index) {
    return frame.general[index];
}
inline constexpr char register_letter = 'x';

} // namespace abi::rtthread::isa
