#pragma once
// The interrupt line of the timer behind arch/clock.hpp. For this port's own use.

#include "device/interrupt_controller.hpp"

namespace arch {

/// Written once at boot.
extern device::Irq found_timer_line;
/// A private line of each CPU; one that no controller has until the device tree named it.
inline device::Irq timer_line() {
    return found_timer_line;
}

} // namespace arch
