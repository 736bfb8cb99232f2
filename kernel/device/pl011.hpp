#pragma once
// The PL011 before its driver starts: where a panic can be read as early as there is a device tree.

#include "device/fdt.hpp"

namespace device::pl011 {

/// The registers of the machine's first PL011; nothing when the tree has none.
std::optional<FdtNode::Region> find(const Fdt& tree);

/// Panics go to this one, by polling, until a driver takes over. `registers`: its first page, mapped as device memory.
/// Boot CPU only.
void start_panic_output(volatile void* registers);

} // namespace device::pl011
