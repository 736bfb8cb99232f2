#pragma once
// IRQ control and IRQ handler capabilities. seL4 manual 8.1 "Interrupt Delivery".

#include "abi/sel4/invocation.hpp"

namespace abi::sel4 {

Outcome decode_irq_control_invocation(Invocation& invocation) REQUIRES(lock);
Outcome decode_irq_handler_invocation(Invocation& invocation) REQUIRES(lock);
/// The last handler capability of an interrupt is deleted: masked, its notification forgotten.
void finalise_irq_handler(System& system, const Capability& cap) REQUIRES(lock);
/// Interrupt `number` of the system's own, which no line of the machine raises: a signal when the system has a handler
/// of it, now or as soon as the last one is acknowledged.
void raise_software_interrupt(System& system, unsigned number) REQUIRES(lock);
/// The system ends: all interrupts that it has are given back.
void release_interrupts(System& system) REQUIRES(lock);

} // namespace abi::sel4
