#pragma once
// The registers that a signal handler of riscv64 finds on its stack: struct rt_hw_stack_frame (epc, ra, sstatus, gp,
// tp, ..., t6, the user's sp), then f0 to f31 and fcsr.

#include "abi/rtthread/signal_frame.hpp"
#include "thread/scheduler.hpp"

#include <array>
#include <cstring>

namespace abi::rtthread::isa {

struct RegisterFrame {
    std::array<std::uint64_t, 32> general; // x0's place: epc; x2's: sstatus
    std::uint64_t stack_pointer;
    std::array<std::uint64_t, 33> floating; // as the thread's saved state
};

inline Result<> save_registers(thread::Thread& thread, RegisterFrame& to) {
    const arch::UserFrame& frame = *thread.frame;
    to.general = frame.general;
    to.general[0] = frame.program_counter;
    to.general[2] = frame.status;
    to.stack_pointer = frame.stack_pointer;
    TRY(thread::flush_fpu(thread));
    std::memcpy(to.floating.data(), thread.fpu_state, sizeof(to.floating));
    return {};
}

inline Result<> restore_registers(thread::Thread& thread, const RegisterFrame& from) {
    TRY(thread::flush_fpu(thread));
    arch::UserFrame& frame = *thread.frame;
    frame.program_counter = from.general[0];
    for (std::size_t i = 1; i < from.general.size(); ++i)
        frame.general[i] = from.general[i];
    frame.stack_pointer = from.stack_pointer;
    std::array<std::uint64_t, 33> floating = from.floating;
    floating[32] &= 0xff; // fcsr
    std::memcpy(thread.fpu_state, floating.data(), sizeof(floating));
    return {};
}

/// a0: the signal; a1, a2: siginfo and registers (not in 5.0.x); returns to `return_code`.
inline Result<>
enter_handler(arch::UserFrame& frame, std::uintptr_t handler, std::uintptr_t base, const HandlerArguments& arguments) {
    using arch::Register;
    frame[Register::a0] = arguments.signal;
    if (arguments.info != 0) {
        frame[Register::a1] = arguments.info;
        frame[Register::a2] = arguments.registers;
    }
    frame[Register::ra] = arguments.return_code;
    frame.stack_pointer = base;
    frame.program_counter = handler;
    return {};
}

} // namespace abi::rtthread::isa
