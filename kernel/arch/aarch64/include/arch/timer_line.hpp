#pragma once
// The interrupt line of the timer behind arch/clock.hpp. For this port's own use.

#include "device/interrupt_controller.hpp"

namespace arch {

/// A private line of each CPU; one that no controller has until the device tree named it.
device::Irq timer_line();

} // namespace arch
