#pragma once
// What rtthread_isa/signal_frame.hpp works with.

#include "lib/result.hpp"
#include "memory/user_ptr.hpp"
#include "thread/thread.hpp"

#include <cstdint>

namespace abi::rtthread {

struct HandlerArguments {
    std::uint64_t signal;
    std::uintptr_t info;      // siginfo_t; 0: none (5.0.x)
    std::uintptr_t registers; // the frame of registers
    std::uintptr_t return_code;
};

} // namespace abi::rtthread
