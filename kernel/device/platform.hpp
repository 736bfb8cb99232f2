#pragma once
// Finding the machine's devices, by device tree or ACPI, whichever the boot protocol gave.

#include "boot/boot_info.hpp"
#include "lib/result.hpp"

namespace device {

/// A machine that no device tree describes: arch/ knows how its devices are found, and says so before kernel_main().
struct Platform {
    Result<> (*start_interrupt_controller)(const boot::BootInfo& info);
    void (*start_devices)(const boot::BootInfo& info);
};
void set_platform(const Platform& platform);

/// Starts what everything else attaches its interrupts to. Boot CPU, interrupts off. Errors: no_device (none found), or
/// the driver's.
Result<> start_interrupt_controller(const boot::BootInfo& info);

/// What the boot protocol gave: as start_interrupt_controller() got it.
const boot::BootInfo& boot_info();

/// Starts all other devices that a driver is there for. One that fails is logged and left alone. Boot CPU, interrupts
/// off.
void start_devices(const boot::BootInfo& info);

} // namespace device
