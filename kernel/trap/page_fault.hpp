#pragma once
// Page faults among the faults.

#include "memory/address_space.hpp"
#include "trap/trap.hpp"

namespace trap {

constexpr bool is_page_fault(const Fault& fault) {
    return fault.kind <= Fault::Kind::execute;
}

/// What the instruction wanted of the page.
constexpr memory::Access access_of(const Fault& fault) {
    switch (fault.kind) {
    case Fault::Kind::write:
        return memory::Access::write;
    case Fault::Kind::execute:
        return memory::Access::execute;
    default:
        return memory::Access::read;
    }
}

} // namespace trap
