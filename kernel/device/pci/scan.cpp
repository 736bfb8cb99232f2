#include "device/pci/pci.hpp"
#include "lib/log.hpp"

namespace device::pci {
namespace {

constexpr std::uint16_t header_type_at = 0x0e, secondary_bus_at = 0x19;
constexpr std::uint8_t header_many_functions = 0x80, header_kind_mask = 0x7f, header_bridge = 1;
constexpr unsigned devices_per_bus = 32, functions_per_device = 8;

using Visit = void (*)(void* context, const Function& function);

void scan_bus(Host& host, std::uint8_t bus, Visit visit, void* context) {
    for (unsigned device = 0; device < devices_per_bus; ++device) {
        for (unsigned number = 0; number < functions_per_device; ++number) {
            const Function function(host, {bus, static_cast<std::uint8_t>(device), static_cast<std::uint8_t>(number)});
            if (!function.exists()) {
                if (number == 0)
                    break;
                continue;
            }
            visit(context, function);
            const std::uint8_t header = function.read8(header_type_at);
            // A bridge leads to a higher bus only: wrong numbers cannot make this go round.
            const std::uint8_t secondary = function.read8(secondary_bus_at);
            if ((header & header_kind_mask) == header_bridge && secondary > bus)
                scan_bus(host, secondary, visit, context);
            if (number == 0 && (header & header_many_functions) == 0)
                break;
        }
    }
}

extern "C" {
[[gnu::weak]] extern const Driver __start_pci_drivers[];
[[gnu::weak]] extern const Driver __stop_pci_drivers[];
}

void start_one(void*, const Function& function) {
    const std::uint16_t vendor = function.vendor(), device = function.device();
    for (const Driver* driver = __start_pci_drivers; driver != __stop_pci_drivers; ++driver) {
        if (driver->vendor != vendor || device < driver->first_device || device > driver->last_device)
            continue;
        if (const auto started = driver->start(function); !started)
            klog::error(
                "pci {}:{}.{} ({:x}:{:x}) did not start: {}", function.address().bus, function.address().device,
                function.address().function, vendor, device, started.error());
        return;
    }
}

} // namespace

void for_each_function(Host& host, Visit visit, void* context) {
    scan_bus(host, 0, visit, context);
}

void start_drivers(Host& host) {
    for_each_function(host, start_one, nullptr);
}

} // namespace device::pci
