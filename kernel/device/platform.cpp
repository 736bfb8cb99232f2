#include "device/platform.hpp"

#include "device/fdt_driver.hpp"
#include "device/interrupt_controller.hpp"
#include "lib/log.hpp"

#include <arch/page_table.hpp>

namespace device {
namespace {

constinit const Platform* without_tree = nullptr;
constinit const boot::BootInfo* given = nullptr;

/// The machine's device tree; an error when the boot protocol gave none.
Result<Fdt> device_tree(const boot::BootInfo& info) {
    if (info.device_tree == PhysAddr{})
        return fail(Error::not_found);
    return Fdt::open(arch::phys_to_virt<const void>(info.device_tree));
}

} // namespace

void set_platform(const Platform& platform) {
    without_tree = &platform;
}

const boot::BootInfo& boot_info() {
    return *given;
}

Result<> start_interrupt_controller(const boot::BootInfo& info) {
    given = &info;
    if (without_tree)
        return without_tree->start_interrupt_controller(info);
    start_fdt_drivers(TRY(device_tree(info)), Phase::interrupt_controller);
    return has_interrupt_controller() ? Result<>() : fail(Error::no_device);
}

void start_devices(const boot::BootInfo& info) {
    if (without_tree)
        return without_tree->start_devices(info);
    if (const auto tree = device_tree(info))
        start_fdt_drivers(*tree, Phase::device);
}

} // namespace device
