#pragma once
// Start registers of programs and threads.

#include "abi/rtthread/generation.hpp"
#include "memory/user_ptr.hpp"

#include <arch/frame.hpp>

namespace abi::rtthread::isa {

/// rdi: the arguments, rsi: the entry, rdx: the stack's end, which rsp is too.
inline void set_program_start(
    arch::UserFrame& frame, std::uintptr_t entry, std::uintptr_t stack_end, std::uintptr_t arguments, Generation) {
    using arch::Register;
    arch::initialise_user_frame(frame, entry, stack_end);
    frame[Register::rdi] = arguments;
    frame[Register::rsi] = entry;
    frame[Register::rdx] = stack_end;
}

/// rdi: the parameter; the return address on the stack is `exit_code`. Errors: bad_address.
inline Result<> set_thread_start(
    arch::UserFrame& frame, std::uintptr_t entry, std::uint64_t parameter, std::uintptr_t stack_pointer,
    std::uintptr_t exit_code) {
    stack_pointer -= sizeof(exit_code);
    TRY(memory::copy_out({stack_pointer}, &exit_code, sizeof(exit_code)));
    arch::initialise_user_frame(frame, entry, stack_pointer);
    frame[arch::Register::rdi] = parameter;
    return {};
}

/// For reports: all of UserFrame::general by number.
inline constexpr std::size_t register_count = 15;
inline std::uint64_t register_value(const arch::UserFrame& frame, std::size_t index) {
    return frame.general[index];
}
inline constexpr char register_letter = 'r'; // in the order of arch::Register

} // namespace abi::rtthread::isa
