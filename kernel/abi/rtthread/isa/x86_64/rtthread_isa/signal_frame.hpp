#pragma once
// The registers that a signal handler of x86_64 finds on its stack. A layout of our own: general registers in the
// order r15 .. rdi, rip, rflags, rsp, then FXSAVE's area.

#include "abi/rtthread/signal_frame.hpp"
#include "thread/scheduler.hpp"

#include <arch/fpu.hpp>
#include <array>
#include <cstring>

namespace abi::rtthread::isa {

struct RegisterFrame {
    std::array<std::uint64_t, 15> general;
    std::uint64_t program_counter, status, stack_pointer;
    std::array<std::byte, 512> fpu;
};

inline Result<> save_registers(thread::Thread& thread, RegisterFrame& to) {
    const arch::UserFrame& frame = *thread.frame;
    to.general = frame.general;
    to.program_counter = frame.program_counter;
    to.status = frame.status;
    to.stack_pointer = frame.stack_pointer;
    TRY(thread::flush_fpu(thread));
    std::memcpy(to.fpu.data(), thread.fpu_state, to.fpu.size());
    return {};
}

inline Result<> restore_registers(thread::Thread& thread, const RegisterFrame& from) {
    TRY(thread::flush_fpu(thread));
    arch::UserFrame& frame = *thread.frame;
    frame.general = from.general;
    frame.program_counter = from.program_counter;
    frame.status = arch::sanitise_status(from.status, frame.status);
    frame.stack_pointer = from.stack_pointer;
    std::memcpy(thread.fpu_state, from.fpu.data(), from.fpu.size());
    arch::sanitise_fpu_state(thread.fpu_state);
    return {};
}

/// rdi: the signal; rsi, rdx: siginfo and registers; returns to `return_code`, with the frame at the stack pointer.
inline Result<>
enter_handler(arch::UserFrame& frame, std::uintptr_t handler, std::uintptr_t base, const HandlerArguments& arguments) {
    using arch::Register;
    const std::uintptr_t return_address = base - sizeof(std::uint64_t);
    TRY(memory::copy_out({return_address}, &arguments.return_code, sizeof(arguments.return_code)));
    frame[Register::rdi] = arguments.signal;
    frame[Register::rsi] = arguments.info;
    frame[Register::rdx] = arguments.registers;
    frame.stack_pointer = return_address;
    frame.program_counter = handler;
    return {};
}

} // namespace abi::rtthread::isa
