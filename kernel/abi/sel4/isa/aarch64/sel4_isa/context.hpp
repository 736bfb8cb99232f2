#pragma once
// The order of registers in seL4_UserContext and in fault messages. libsel4: object-api-sel4-arch.xml,
// sel4_arch/constants.h.

#include "abi/sel4/object/context_word.hpp"
#include "thread/thread.hpp"

#include <array>

namespace abi::sel4::isa {

namespace detail {
using enum ContextWord::Kind;
using enum arch::Register;
// clang-format off
inline constexpr std::array<ContextWord, 36> context{
    program_counter, stack_pointer, status,
    x0, x1, x2, x3, x4, x5, x6, x7, x8, x16, x17, x18, x29, x30,
    x9, x10, x11, x12, x13, x14, x15, x19, x20, x21, x22, x23, x24, x25, x26, x27, x28,
    thread_pointer, special};
inline constexpr std::array<ContextWord, 12> syscall_fault{
    x0, x1, x2, x3, x4, x5, x6, x7, program_counter, stack_pointer, x30, status};
inline constexpr std::array<ContextWord, 3> exception_fault{program_counter, stack_pointer, status};
// clang-format on
} // namespace detail

/// seL4_UserContext, and how many of its first words are "frame registers".
inline constexpr auto context = detail::context;
inline constexpr unsigned frame_registers = 17;
/// The TLS base as it was saved last.
inline std::uint64_t saved_thread_pointer(const thread::Thread& thread) {
    return thread.registers.thread_pointer;
}

/// The registers in an unknown system call's message, and in a user exception's.
inline constexpr auto syscall_fault = detail::syscall_fault;
inline constexpr auto exception_fault = detail::exception_fault;

/// TPIDRRO_EL0.
inline std::uint64_t read_special(const thread::Thread& thread) {
    return thread.registers.read_only_pointer;
}
inline void write_special(thread::Thread& thread, std::uint64_t value, bool running) {
    thread.registers.read_only_pointer = value;
    if (running)
        arch::load_thread_registers(thread.registers);
}

/// Any value may be a program counter: a bad one faults in user mode.
constexpr std::uint64_t sanitise_address(std::uint64_t address) {
    return address;
}

} // namespace abi::sel4::isa
