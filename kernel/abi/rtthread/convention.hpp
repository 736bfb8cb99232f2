#pragma once
// How a call lies in the user frame: registers to numbers, arguments and results.

#include "abi/rtthread/errors.hpp"
#include "thread/thread.hpp"

#include <rtthread_isa/registers.hpp>

namespace abi::rtthread {

/// Remembers that this call was interrupted and its argument registers are untouched; before_return decides between
/// making it again and EINTR.
void request_restart(thread::Thread& thread);
/// For get_errno.
void remember_error(thread::Thread& thread, std::int32_t number);

/// POSIX-like calls: errors are negative errno.
struct Convention {
    static std::uint64_t number(const arch::UserFrame& frame) { return isa::call_number(frame[isa::number_register]); }
    static std::uint64_t argument(const arch::UserFrame& frame, unsigned i) {
        return frame[isa::argument_registers[i]];
    }
    static void set_result(thread::Thread&, arch::UserFrame& frame, std::int64_t value) {
        frame[isa::result_register] = static_cast<std::uint64_t>(value);
        isa::finish_call(frame);
    }
    static void set_error(thread::Thread& thread, arch::UserFrame& frame, Error error) {
        if (error == Error::restart)
            return request_restart(thread);
        const std::int32_t value = error_number(error);
        remember_error(thread, value);
        set_result(thread, frame, -std::int64_t{value});
    }
};

/// Calls on RT-Thread's own objects: errors are negative RT_E*, and an interrupted call is not made again.
struct ObjectConvention : Convention {
    static void set_error(thread::Thread& thread, arch::UserFrame& frame, Error error) {
        const std::int32_t value = object_error(error, generation_of(thread));
        remember_error(thread, value);
        set_result(thread, frame, -std::int64_t{value});
    }
};

} // namespace abi::rtthread
