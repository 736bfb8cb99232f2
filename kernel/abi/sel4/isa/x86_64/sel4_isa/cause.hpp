#pragma once
// trap::Fault::cause is the vector, shifted by 32, and the error code. SDM volume 3, 6.15.

#include "abi/sel4/message.hpp"

namespace abi::sel4::isa {

constexpr bool is_vm_fault(Word cause) {
    return cause >> 32 == 14;
}
/// The number of an FPU instruction that a thread may not use.
inline constexpr Word fpu_exception = 7; // #NM
/// As VMFault messages carry it.
constexpr Word vm_status(Word cause) {
    return cause & 0xffff'ffff;
}
/// As UserException messages carry them.
constexpr Word exception_number(Word cause) {
    return cause >> 32;
}
constexpr Word exception_code([[maybe_unused]] Word cause) {
    return cause & 0xffff'ffff;
}

} // namespace abi::sel4::isa
