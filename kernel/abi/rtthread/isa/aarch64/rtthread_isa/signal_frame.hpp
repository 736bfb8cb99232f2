#pragma once
// The registers that a signal handler of aarch64 finds on its stack: the frame of the original's vector (ELR, SPSR,
// SP_EL0, x30, FPCR, FPSR, then pairs from x28 down to x0, then Q registers in pairs from Q30 down to Q0).

#include "abi/rtthread/signal_frame.hpp"
#include "thread/scheduler.hpp"

#include <array>
#include <cstring>

namespace abi::rtthread::isa {

struct RegisterFrame {
    std::uint64_t program_counter, status, stack_pointer, x30, fpcr, fpsr;
    std::array<std::array<std::uint64_t, 2>, 15> general; // x28 x29, x26 x27, ..., x0 x1
    std::array<std::array<std::uint64_t, 4>, 16> vectors; // q30 q31, ..., q0 q1
};
static_assert(sizeof(RegisterFrame) == 0x320);

inline constexpr std::size_t vector_bytes = 32 * 16; // of the thread's saved state: then FPSR and FPCR

inline Result<> save_registers(thread::Thread& thread, RegisterFrame& to) {
    const arch::UserFrame& frame = *thread.frame;
    to.program_counter = frame.program_counter;
    to.status = frame.status;
    to.stack_pointer = frame.stack_pointer;
    to.x30 = frame.general[30];
    for (std::size_t pair = 0; pair < to.general.size(); ++pair)
        to.general[pair] = {frame.general[28 - 2 * pair], frame.general[29 - 2 * pair]};
    TRY(thread::flush_fpu(thread));
    const auto* state = static_cast<const std::byte*>(thread.fpu_state);
    for (std::size_t pair = 0; pair < to.vectors.size(); ++pair)
        std::memcpy(&to.vectors[pair], state + (30 - 2 * pair) * 16, 32);
    std::array<std::uint32_t, 2> status_and_control;
    std::memcpy(status_and_control.data(), state + vector_bytes, sizeof(status_and_control));
    to.fpsr = status_and_control[0];
    to.fpcr = status_and_control[1];
    return {};
}

inline Result<> restore_registers(thread::Thread& thread, const RegisterFrame& from) {
    TRY(thread::flush_fpu(thread));
    arch::UserFrame& frame = *thread.frame;
    frame.program_counter = from.program_counter;
    frame.status = arch::sanitise_status(from.status, frame.status);
    frame.stack_pointer = from.stack_pointer;
    frame.general[30] = from.x30;
    for (std::size_t pair = 0; pair < from.general.size(); ++pair) {
        frame.general[28 - 2 * pair] = from.general[pair][0];
        frame.general[29 - 2 * pair] = from.general[pair][1];
    }
    auto* state = static_cast<std::byte*>(thread.fpu_state);
    for (std::size_t pair = 0; pair < from.vectors.size(); ++pair)
        std::memcpy(state + (30 - 2 * pair) * 16, &from.vectors[pair], 32);
    const std::array<std::uint32_t, 2> status_and_control{
        static_cast<std::uint32_t>(from.fpsr), static_cast<std::uint32_t>(from.fpcr)};
    std::memcpy(state + vector_bytes, status_and_control.data(), sizeof(status_and_control));
    return {};
}

/// x0: the signal; x1, x2: siginfo and registers (0 in 5.0.x); returns to `return_code`.
inline Result<>
enter_handler(arch::UserFrame& frame, std::uintptr_t handler, std::uintptr_t base, const HandlerArguments& arguments) {
    frame.general[0] = arguments.signal;
    if (arguments.info != 0) {
        frame.general[1] = arguments.info;
        frame.general[2] = arguments.registers;
    }
    frame.general[30] = arguments.return_code;
    frame.stack_pointer = base;
    frame.program_counter = handler;
    return {};
}

} // namespace abi::rtthread::isa
