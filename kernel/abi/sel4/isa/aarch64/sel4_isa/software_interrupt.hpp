#pragma once
// Capabilities that raise a software-generated interrupt. seL4 manual 8.1; libsel4: IRQControl_IssueSGISignal.

#include "abi/sel4/object/capability.hpp"

namespace abi::sel4::isa {

inline constexpr Word software_interrupts = 16;       // SGIs of a GIC
inline constexpr Word software_interrupt_targets = 8; // cores that a GICv2 names

/// Word 1: the target above the number.
namespace sgi_signal {
constexpr Capability make(Word number, Word target) {
    return Capability::make(CapType::sgi_signal, {}, target << 16 | number);
}
constexpr unsigned number(const Capability& cap) {
    return static_cast<unsigned>(cap.words[1] & 0xffff);
}
constexpr unsigned target(const Capability& cap) {
    return static_cast<unsigned>(cap.words[1] >> 16);
}
} // namespace sgi_signal

} // namespace abi::sel4::isa
