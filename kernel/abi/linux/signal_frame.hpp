#pragma once
// What linux_isa/signal_frame.hpp works on: a signal on its way to or from a user stack.

#include "lib/result.hpp"
#include "memory/user_ptr.hpp"
#include "thread/thread.hpp"

#include <asm/siginfo.h>
#include <asm/signal.h>
#include <cstdint>

namespace abi::linux {

struct SignalFrameInput {
    std::uintptr_t stack_top; // the frame goes below; neither aligned nor checked
    siginfo_t info;
    std::uint64_t mask; // to be restored by rt_sigreturn
    stack_t alternate;  // uc_stack
    std::uintptr_t handler;
    std::uintptr_t restorer;     // where the handler returns to
    bool with_info;              // SA_SIGINFO
    std::uint64_t fault_address; // of the last fault, for sigcontext
    std::uint64_t fault_cause;
};

struct SignalFrameOutput {
    std::uint64_t mask;
    stack_t alternate;
};

/// Copies one object to user memory.
template <typename T>
Result<> put_user(std::uintptr_t to, const T& value) {
    return memory::copy_out({to}, &value, sizeof(T));
}
template <typename T>
Result<> get_user(T& value, std::uintptr_t from) {
    return memory::copy_in(&value, {from}, sizeof(T));
}

} // namespace abi::linux
