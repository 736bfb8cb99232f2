#pragma once
// trap::Fault::cause is scause. Privileged specification, table 4.2.

#include "abi/sel4/message.hpp"

namespace abi::sel4::isa {

constexpr bool is_vm_fault(Word cause) {
    constexpr Word aborts = 1 << 1 | 1 << 5 | 1 << 7 | 1 << 12 | 1 << 13 | 1 << 15; // access and page faults
    return cause < 16 && (aborts >> cause & 1);
}
/// The number of an FPU instruction that a thread may not use.
inline constexpr Word fpu_exception = 2; // illegal instruction
/// As VMFault messages carry it: page faults under the numbers of access faults.
constexpr Word vm_status(Word cause) {
    constexpr Word fetch_page = 12, load_page = 13, store_page = 15;
    constexpr Word fetch_access = 1, load_access = 5, store_access = 7;
    switch (cause) {
    case fetch_page:
        return fetch_access;
    case load_page:
        return load_access;
    case store_page:
        return store_access;
    default:
        return cause;
    }
}
/// As UserException messages carry them.
constexpr Word exception_number(Word cause) {
    return cause;
}
constexpr Word exception_code([[maybe_unused]] Word cause) {
    return 0;
}

} // namespace abi::sel4::isa
