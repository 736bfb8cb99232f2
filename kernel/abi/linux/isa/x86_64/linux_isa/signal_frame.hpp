#pragma once
// The signal frame of x86_64: return address, ucontext, siginfo, and above them the XSAVE area (asm/sigcontext.h,
// asm/ucontext.h).

#include "abi/linux/signal_frame.hpp"
#include "thread/scheduler.hpp"

#include <arch/fpu.hpp>
#include <asm/sigcontext.h>
// its users
#include <asm/ucontext.h>
#include <cstddef>
#include <cstring>

namespace abi::linux::isa {

struct SignalFrame {
    std::uint64_t return_address;
    struct ucontext context;
    siginfo_t info;
};

inline constexpr std::size_t red_zone = 128; // psABI 3.2.2: leaf functions use it without moving the stack pointer
inline constexpr std::size_t fxsave_bytes = 512;

/// The pairs of sigcontext members and registers, in one place for both directions.
template <typename Visit>
void for_each_register(struct sigcontext& context, arch::UserFrame& frame, Visit visit) {
    using enum arch::Register;
    visit(context.r8, frame[r8]);
    visit(context.r9, frame[r9]);
    visit(context.r10, frame[r10]);
    visit(context.r11, frame[r11]);
    visit(context.r12, frame[r12]);
    visit(context.r13, frame[r13]);
    visit(context.r14, frame[r14]);
    visit(context.r15, frame[r15]);
    visit(context.rdi, frame[rdi]);
    visit(context.rsi, frame[rsi]);
    visit(context.rbp, frame[rbp]);
    visit(context.rbx, frame[rbx]);
    visit(context.rdx, frame[rdx]);
    visit(context.rax, frame[rax]);
    visit(context.rcx, frame[rcx]);
    visit(context.rsp, frame.stack_pointer);
    visit(context.rip, frame.program_counter);
}

/// True when the CPU keeps more than FXSAVE's part.
inline bool has_xsave() {
    return arch::fpu_state_size() > fxsave_bytes;
}

/// The FPU area at `at`, which is 64-byte aligned: the state itself, the software bytes inside it, the second magic
/// behind it.
inline Result<> put_fpu(thread::Thread& thread, std::uintptr_t at) {
    const std::size_t bytes = arch::fpu_state_size();
    TRY(thread::flush_fpu(thread));
    TRY(memory::copy_out({at}, thread.fpu_state, bytes));
    _fpx_sw_bytes software{};
    if (has_xsave()) {
        software.magic1 = FP_XSTATE_MAGIC1;
        software.extended_size = static_cast<std::uint32_t>(bytes + FP_XSTATE_MAGIC2_SIZE);
        software.xfeatures = arch::fpu_state_components();
        software.xstate_size = static_cast<std::uint32_t>(bytes);
        TRY(put_user(at + bytes, std::uint32_t{FP_XSTATE_MAGIC2}));
    }
    return put_user(at + offsetof(_fpstate_64, sw_reserved), software);
}

/// Reads it back. A frame without the magics holds FXSAVE's part only.
inline Result<> get_fpu(thread::Thread& thread, std::uintptr_t at) {
    TRY(thread::flush_fpu(thread));
    if (at == 0) {
        arch::initialise_fpu_state(thread.fpu_state);
        return {};
    }
    const std::size_t bytes = arch::fpu_state_size();
    _fpx_sw_bytes software;
    TRY(get_user(software, at + offsetof(_fpstate_64, sw_reserved)));
    std::uint32_t end = 0;
    const bool complete = has_xsave() && software.magic1 == FP_XSTATE_MAGIC1 && software.xstate_size == bytes
                          && get_user(end, at + bytes) && end == FP_XSTATE_MAGIC2;
    arch::initialise_fpu_state(thread.fpu_state);
    TRY(memory::copy_in(thread.fpu_state, {at}, complete ? bytes : fxsave_bytes));
    if (!complete && has_xsave()) {
        constexpr std::uint64_t legacy_components =
            3; // XSTATE_BV: what FXSAVE's part holds counts, the rest is initial
        std::memcpy(static_cast<char*>(thread.fpu_state) + fxsave_bytes, &legacy_components, sizeof(legacy_components));
    }
    arch::sanitise_fpu_state(thread.fpu_state);
    return {};
}

/// Writes the frame and makes the thread enter the handler. On an error the registers are as before.
inline Result<> push_signal_frame(thread::Thread& thread, const SignalFrameInput& input) {
    using enum arch::Register;
    arch::UserFrame& frame = *thread.frame;
    const std::size_t fpu_bytes = arch::fpu_state_size() + FP_XSTATE_MAGIC2_SIZE;
    const std::uintptr_t fpu = align_down(input.stack_top - fpu_bytes, 64);
    // On entry the stack pointer is 8 off a multiple of 16, as behind a call.
    const std::uintptr_t base = align_down(fpu - sizeof(SignalFrame), 16) - 8;

    SignalFrame out;
    std::memset(&out, 0, sizeof(out));
    out.return_address = input.restorer;
    out.info = input.info;
    out.context.uc_flags = (has_xsave() ? UC_FP_XSTATE : 0) | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS;
    out.context.uc_stack = input.alternate;
    out.context.uc_sigmask = input.mask;
    struct sigcontext& context = out.context.uc_mcontext;
    for_each_register(context, frame, [](auto& saved, std::uint64_t value) { saved = value; });
    context.eflags = frame.status;
    context.cs = static_cast<std::uint16_t>(frame.code_segment);
    context.ss = static_cast<std::uint16_t>(frame.stack_segment);
    context.trapno = input.fault_cause >> 32;
    context.err = input.fault_cause & 0xffff'ffff;
    context.oldmask = input.mask;
    context.cr2 = input.fault_address;
    context.fpstate = reinterpret_cast<_fpstate_64*>(fpu);
    TRY(put_fpu(thread, fpu));
    TRY(put_user(base, out));

    frame[rdi] = static_cast<std::uint64_t>(input.info.si_signo);
    frame[rax] = 0; // no vector registers in a variadic call
    frame[rsi] = base + offsetof(SignalFrame, info);
    frame[rdx] = base + offsetof(SignalFrame, context);
    frame.stack_pointer = base;
    frame.program_counter = input.handler;
    frame.status = frame.status & ~(arch::flag::direction | arch::flag::resume | arch::flag::trap);
    return {};
}

/// Takes the frame back; the handler's return has popped the return address. On an error nothing but the FPU was
/// restored.
inline Result<SignalFrameOutput> pop_signal_frame(thread::Thread& thread) {
    arch::UserFrame& frame = *thread.frame;
    SignalFrame in;
    TRY(get_user(in, frame.stack_pointer - sizeof(in.return_address)));
    struct sigcontext& context = in.context.uc_mcontext;
    TRY(get_fpu(thread, reinterpret_cast<std::uintptr_t>(context.fpstate)));
    for_each_register(context, frame, [](auto saved, std::uint64_t& value) { value = saved; });
    frame.status = arch::sanitise_status(context.eflags, frame.status);
    return SignalFrameOutput{.mask = in.context.uc_sigmask, .alternate = in.context.uc_stack};
}

} // namespace abi::linux::isa
