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
inline constexpr std::array<ContextWord, 20> context{
    program_counter, stack_pointer, status,
    rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15,
    thread_pointer, special};
inline constexpr std::array<ContextWord, 18> syscall_fault{
    rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15, program_counter, stack_pointer, status};
inline constexpr std::array<ContextWord, 3> exception_fault{program_counter, stack_pointer, status};
// clang-format on
} // namespace detail

/// seL4_UserContext, and how many of its first words are "frame registers".
inline constexpr auto context = detail::context;
inline constexpr unsigned frame_registers = 18;
/// The TLS base as it was saved last.
inline std::uint64_t saved_thread_pointer(const thread::Thread& thread) {
    return thread.registers.thread_pointer;
}

/// The registers in an unknown system call's message, and in a user exception's.
inline constexpr auto syscall_fault = detail::syscall_fault;
inline constexpr auto exception_fault = detail::exception_fault;

/// Addresses that are not canonical would fault in the kernel: they become 0.
constexpr std::uint64_t sanitise_address(std::uint64_t address) {
    return static_cast<std::int64_t>(address << 16) >> 16 == static_cast<std::int64_t>(address) ? address : 0;
}

/// GS base.
inline std::uint64_t read_special(const thread::Thread& thread) {
    return thread.registers.gs_base;
}
inline void write_special(thread::Thread& thread, std::uint64_t value, bool running) {
    arch::set_gs_base(thread.registers, sanitise_address(value), running);
}

} // namespace abi::sel4::isa
