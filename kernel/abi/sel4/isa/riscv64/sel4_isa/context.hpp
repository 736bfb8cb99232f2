#pragma once
// The order of registers in seL4_UserContext and in fault messages. libsel4: arch/riscv object-api-arch.xml,
// sel4_arch/constants.h.

#include "abi/sel4/object/context_word.hpp"
#include "thread/thread.hpp"

#include <array>

namespace abi::sel4::isa {

namespace detail {
using enum ContextWord::Kind;
using enum arch::Register;
// clang-format off
inline constexpr std::array<ContextWord, 32> context{
    program_counter, ra, sp, gp, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11,
    a0, a1, a2, a3, a4, a5, a6, a7, t0, t1, t2, t3, t4, t5, t6, thread_pointer};
inline constexpr std::array<ContextWord, 10> syscall_fault{
    program_counter, sp, ra, a0, a1, a2, a3, a4, a5, a6};
inline constexpr std::array<ContextWord, 2> exception_fault{program_counter, sp};
// clang-format on
} // namespace detail

/// seL4_UserContext, and how many of its first words are "frame registers".
inline constexpr auto context = detail::context;
inline constexpr unsigned frame_registers = 16;
/// The TLS base as it was saved last.
inline std::uint64_t saved_thread_pointer(const thread::Thread& thread) {
    return thread.own_frame[arch::Register::tp];
}

/// The registers in an unknown system call's message, and in a user exception's.
inline constexpr auto syscall_fault = detail::syscall_fault;
inline constexpr auto exception_fault = detail::exception_fault;

/// There is none.
inline std::uint64_t read_special(const thread::Thread&) {
    return 0;
}
inline void write_special(thread::Thread&, std::uint64_t, bool) {}

/// Any value may be a program counter: a bad one faults in user mode.
constexpr std::uint64_t sanitise_address(std::uint64_t address) {
    return address;
}

} // namespace abi::sel4::isa
