#pragma once
// The signal frame of riscv64: siginfo and ucontext with the D extension's registers (asm/ucontext.h, asm/ptrace.h).

#include "abi/linux/signal_frame.hpp"
#include "thread/scheduler.hpp"

#include <asm/sigcontext.h>
// its users
#include <asm/ucontext.h>
#include <cstddef>
#include <cstring>

namespace abi::linux::isa {

/// Bytes below the stack pointer that a leaf function may use: none here.
inline constexpr std::size_t red_zone = 0;

struct SignalFrame {
    siginfo_t info;
    struct ucontext context;
};
static_assert(offsetof(SignalFrame, context) == 128);
static_assert(sizeof(user_regs_struct) == 32 * 8);

inline constexpr std::size_t double_bytes = 32 * 8;

/// Writes the frame and makes the thread enter the handler. On an error the registers are as before.
inline Result<> push_signal_frame(thread::Thread& thread, const SignalFrameInput& input) {
    using arch::Register;
    arch::UserFrame& frame = *thread.frame;
    const std::uintptr_t base = align_down(input.stack_top - sizeof(SignalFrame), 16);

    SignalFrame out;
    std::memset(&out, 0, sizeof(out));
    out.info = input.info;
    out.context.uc_stack = input.alternate;
    std::memcpy(&out.context.uc_sigmask, &input.mask, sizeof(input.mask));
    // The structure begins with pc where x0 would be.
    std::memcpy(&out.context.uc_mcontext.sc_regs, frame.general.data(), sizeof(user_regs_struct));
    out.context.uc_mcontext.sc_regs.pc = frame.program_counter;
    TRY(thread::flush_fpu(thread));
    const auto* state = static_cast<const std::byte*>(thread.fpu_state);
    std::memcpy(out.context.uc_mcontext.sc_fpregs.d.f, state, double_bytes);
    std::memcpy(&out.context.uc_mcontext.sc_fpregs.d.fcsr, state + double_bytes, sizeof(std::uint32_t));
    TRY(put_user(base, out));

    frame[Register::a0] = static_cast<std::uint64_t>(input.info.si_signo);
    frame[Register::a1] = base;
    frame[Register::a2] = base + offsetof(SignalFrame, context);
    frame[Register::ra] = input.restorer;
    frame.stack_pointer = base;
    frame.program_counter = input.handler;
    return {};
}

/// Takes the frame at the stack pointer back. On an error nothing was restored.
inline Result<SignalFrameOutput> pop_signal_frame(thread::Thread& thread) {
    arch::UserFrame& frame = *thread.frame;
    if (frame.stack_pointer % 16 != 0)
        return fail(Error::bad_address);
    SignalFrame in;
    TRY(get_user(in, frame.stack_pointer));
    const __riscv_q_ext_state& extended = in.context.uc_mcontext.sc_fpregs.q;
    for (const std::uint32_t word : extended.reserved)
        if (word != 0)
            return fail(Error::bad_address); // records of extensions that this kernel never writes
    TRY(thread::flush_fpu(thread));
    auto* state = static_cast<std::byte*>(thread.fpu_state);
    const std::uint64_t control = in.context.uc_mcontext.sc_fpregs.d.fcsr & 0xff;
    std::memcpy(state, in.context.uc_mcontext.sc_fpregs.d.f, double_bytes);
    std::memcpy(state + double_bytes, &control, sizeof(control));
    std::memcpy(
        &frame.general[1], &in.context.uc_mcontext.sc_regs.ra, sizeof(user_regs_struct) - sizeof(unsigned long));
    frame.program_counter = in.context.uc_mcontext.sc_regs.pc;
    SignalFrameOutput output{.mask = 0, .alternate = in.context.uc_stack};
    std::memcpy(&output.mask, &in.context.uc_sigmask, sizeof(output.mask));
    return output;
}

} // namespace abi::linux::isa
