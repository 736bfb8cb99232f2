#pragma once
// How a driver is found: a row in the section `fdt_drivers` names what it is compatible with. Adding a driver is adding
// a file.
//
//     [[gnu::section("fdt_drivers"), gnu::used, gnu::retain]] constinit const FdtDriver driver{"arm,pl011",
//     Phase::device, start};
//
// Each kernel.ld has an output section `fdt_drivers : { KEEP(*(fdt_drivers)) }` among the read-only ones (the linker
// then defines __start_fdt_drivers and __stop_fdt_drivers).

#include "device/fdt.hpp"

namespace device {

enum class Phase : std::uint8_t {
    interrupt_controller, // first: everything else attaches interrupts
    device,
};

struct FdtDriver {
    const char* compatible;
    Phase phase;
    /// Starts one enabled node. An error is logged and the node left alone. Boot CPU, interrupts off, memory allocation
    /// works.
    Result<> (*start)(const FdtNode& node);
};

/// Starts every enabled node of the tree that a driver of this phase knows, in the order of the tree.
void start_fdt_drivers(const Fdt& tree, Phase phase);

} // namespace device
