#pragma once
// How an xv6 system call lies in the user frame. All errors are one: -1.

#include "lib/error.hpp"
#include "thread/thread.hpp"

#include <xv6_isa/registers.hpp>

namespace abi::xv6 {

struct Convention {
    /// xv6 reads the register as an int.
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
    /// A wait that a signal ended is begun again; when the signal kills, that never comes to pass. xv6 itself knows no
    /// signals, so no program expects anything else.
    static void set_error(thread::Thread& thread, arch::UserFrame& frame, Error error) {
        if (error == Error::restart)
            frame.program_counter -= isa::trap_instruction_bytes;
        else
            set_result(thread, frame, -1);
    }
};

} // namespace abi::xv6
