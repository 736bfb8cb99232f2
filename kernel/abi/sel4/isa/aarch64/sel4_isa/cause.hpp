#pragma once
// trap::Fault::cause is ESR_EL1. Arm ARM (DDI 0487) D19.2.37.

#include "abi/sel4/message.hpp"

namespace abi::sel4::isa {

constexpr bool is_vm_fault(Word cause) {
    const Word exception_class = cause >> 26 & 0x3f;
    return exception_class == 0x20 || exception_class == 0x24; // instruction and data aborts from EL0
}
/// The number of an FPU instruction that a thread may not use.
inline constexpr Word fpu_exception = 0x1fe0'0000; // ESR_EL1: class 7
/// As VMFault messages carry it.
constexpr Word vm_status(Word cause) {
    return cause;
}
/// As UserException messages carry them.
constexpr Word exception_number(Word cause) {
    return cause;
}
constexpr Word exception_code([[maybe_unused]] Word cause) {
    return 0;
}

} // namespace abi::sel4::isa
