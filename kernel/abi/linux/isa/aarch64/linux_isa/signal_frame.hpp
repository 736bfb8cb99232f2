#pragma once
// The signal frame of arm64: siginfo, ucontext, its records, and a frame record so that unwinders get across
// (asm/sigcontext.h, asm/ucontext.h).

#include "abi/linux/signal_frame.hpp"
#include "thread/scheduler.hpp"

#include <array>
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
static_assert(offsetof(struct ucontext, uc_mcontext) == 176);

/// AAPCS64: x29 points to the former x29 and x30.
struct FrameRecord {
    std::uint64_t frame_pointer, link;
};

inline constexpr std::size_t records_offset =
    offsetof(SignalFrame, context) + offsetof(struct ucontext, uc_mcontext) + offsetof(struct sigcontext, __reserved);
inline constexpr std::size_t vector_bytes = 32 * 16;

/// The floating-point record from the thread's saved state (V0..V31, then FPSR and FPCR as words of 64 bits:
/// arch/fpu.hpp).
inline fpsimd_context make_fpsimd(const void* state) {
    fpsimd_context record{};
    record.head = {.magic = FPSIMD_MAGIC, .size = sizeof(record)};
    const auto* bytes = static_cast<const std::byte*>(state);
    std::memcpy(record.vregs, bytes, vector_bytes);
    std::array<std::uint32_t, 2> status_and_control;
    std::memcpy(status_and_control.data(), bytes + vector_bytes, sizeof(status_and_control));
    record.fpsr = status_and_control[0];
    record.fpcr = status_and_control[1];
    return record;
}

/// FPSIMD, then ESR after a fault, then the end mark.
inline Result<> put_records(std::uintptr_t at, thread::Thread& thread, const SignalFrameInput& input) {
    TRY(thread::flush_fpu(thread));
    TRY(put_user(at, make_fpsimd(thread.fpu_state)));
    at += sizeof(fpsimd_context);
    if (input.fault_cause != 0) {
        TRY(put_user(
            at, esr_context{.head = {.magic = ESR_MAGIC, .size = sizeof(esr_context)}, .esr = input.fault_cause}));
        at += sizeof(esr_context);
    }
    return put_user(at, _aarch64_ctx{.magic = 0, .size = 0});
}

/// Writes the frame and makes the thread enter the handler. On an error the registers are as before.
inline Result<> push_signal_frame(thread::Thread& thread, const SignalFrameInput& input) {
    arch::UserFrame& frame = *thread.frame;
    const std::uintptr_t record = align_down(input.stack_top, 16) - sizeof(FrameRecord);
    const std::uintptr_t base = record - align_up(sizeof(SignalFrame), 16);

    struct ucontext context;
    std::memset(&context, 0, offsetof(struct ucontext, uc_mcontext) + offsetof(struct sigcontext, __reserved));
    context.uc_stack = input.alternate;
    std::memcpy(&context.uc_sigmask, &input.mask, sizeof(input.mask));
    context.uc_mcontext.fault_address = input.fault_address;
    std::memcpy(context.uc_mcontext.regs, frame.general.data(), sizeof(context.uc_mcontext.regs));
    context.uc_mcontext.sp = frame.stack_pointer;
    context.uc_mcontext.pc = frame.program_counter;
    context.uc_mcontext.pstate = frame.status;

    TRY(put_user(record, FrameRecord{frame.general[29], frame.general[30]}));
    TRY(put_user(base, input.info));
    TRY(memory::copy_out({base + sizeof(siginfo_t)}, &context, records_offset - sizeof(siginfo_t)));
    TRY(put_records(base + records_offset, thread, input));

    frame.general[0] = static_cast<std::uint64_t>(input.info.si_signo);
    if (input.with_info) {
        frame.general[1] = base;
        frame.general[2] = base + offsetof(SignalFrame, context);
    }
    frame.general[29] = record;
    frame.general[30] = input.restorer;
    frame.stack_pointer = base;
    frame.program_counter = input.handler;
    return {};
}

inline Result<> restore_fpsimd(thread::Thread& thread, std::uintptr_t at) {
    fpsimd_context record;
    TRY(get_user(record, at));
    if (record.head.size != sizeof(record))
        return fail(Error::bad_address);
    TRY(thread::flush_fpu(thread));
    auto* bytes = static_cast<std::byte*>(thread.fpu_state);
    std::memcpy(bytes, record.vregs, vector_bytes);
    const std::array<std::uint32_t, 2> status_and_control{record.fpsr, record.fpcr};
    std::memcpy(bytes + vector_bytes, status_and_control.data(), sizeof(status_and_control));
    return {};
}

/// Walks the records; unknown ones are a broken frame, as on Linux.
inline Result<> restore_records(thread::Thread& thread, std::uintptr_t base) {
    constexpr std::size_t room = sizeof(std::declval<struct sigcontext>().__reserved);
    bool have_fpsimd = false;
    for (std::size_t at = 0; at + sizeof(_aarch64_ctx) <= room;) {
        _aarch64_ctx head;
        TRY(get_user(head, base + at));
        if (head.magic == 0 && head.size == 0)
            return have_fpsimd ? Result<>() : fail(Error::bad_address);
        if (head.size < sizeof(head) || head.size % 16 != 0 || head.size > room - at)
            return fail(Error::bad_address);
        if (head.magic == FPSIMD_MAGIC && !have_fpsimd) {
            TRY(restore_fpsimd(thread, base + at));
            have_fpsimd = true;
        } else if (head.magic != ESR_MAGIC) {
            return fail(Error::bad_address);
        }
        at += head.size;
    }
    return fail(Error::bad_address);
}

/// Takes the frame at the stack pointer back. On an error the registers may be partly restored: the caller raises
/// SIGSEGV.
inline Result<SignalFrameOutput> pop_signal_frame(thread::Thread& thread) {
    arch::UserFrame& frame = *thread.frame;
    const std::uintptr_t base = frame.stack_pointer;
    if (base % 16 != 0)
        return fail(Error::bad_address);
    struct ucontext context;
    TRY(memory::copy_in(&context, {base + sizeof(siginfo_t)}, records_offset - sizeof(siginfo_t)));
    TRY(restore_records(thread, base + records_offset));
    std::memcpy(frame.general.data(), context.uc_mcontext.regs, sizeof(context.uc_mcontext.regs));
    frame.stack_pointer = context.uc_mcontext.sp;
    frame.program_counter = context.uc_mcontext.pc;
    frame.status = arch::sanitise_status(context.uc_mcontext.pstate, frame.status);
    SignalFrameOutput output{.mask = 0, .alternate = context.uc_stack};
    std::memcpy(&output.mask, &context.uc_sigmask, sizeof(output.mask));
    return output;
}

} // namespace abi::linux::isa
