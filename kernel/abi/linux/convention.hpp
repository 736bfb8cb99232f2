#pragma once
// How a Linux system call lies in the user frame: registers to numbers, arguments and results.

#include "abi/linux/errors.hpp"
#include "thread/thread.hpp"

#include <linux_isa/registers.hpp>

namespace abi::linux {

/// Remembers that this call was interrupted (or wants to be restarted) and its argument registers are untouched;
/// before_return decides between making it again and EINTR.
void request_restart(thread::Thread& thread);
/// True between request_restart() and before_return.
bool restart_requested(thread::Thread& thread);

struct Convention {
    static std::uint64_t number(const arch::UserFrame& frame) {
        return static_cast<std::uint32_t>(frame[isa::number_register]);
    }
    static std::uint64_t argument(const arch::UserFrame& frame, unsigned i) {
        return frame[isa::argument_registers[i]];
    }
    static void set_result(thread::Thread&, arch::UserFrame& frame, std::int64_t value) {
        frame[isa::result_register] = static_cast<std::uint64_t>(value);
    }
    static std::int64_t result(const arch::UserFrame& frame) {
        return static_cast<std::int64_t>(frame[isa::result_register]);
    }
    static bool restarts(thread::Thread& thread) { return restart_requested(thread); }
    static void set_error(thread::Thread& thread, arch::UserFrame& frame, Error error) {
        if (error == Error::restart)
            return request_restart(thread);
        set_result(thread, frame, -std::int64_t{error_number(error)});
    }
};

} // namespace abi::linux
