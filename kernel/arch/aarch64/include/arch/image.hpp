#pragma once
// Where the kernel image was loaded. For this port's own use.

#include "lib/address.hpp"

namespace arch {

/// Once, first thing in C++: makes image_to_phys() work.
void set_image_start(PhysAddr start);

} // namespace arch
