#include "device/arm/psci.hpp"

#include <arch/firmware_call.hpp>

namespace device::psci {
namespace {

enum Function : std::uint32_t {
    function_cpu_on = 0xc400'0003, // SMC64
    function_system_off = 0x8400'0008,
    function_system_reset = 0x8400'0009,
};

enum Status : std::int32_t {
    status_success = 0,
    status_invalid_parameters = -2,
    status_already_on = -4,
    status_on_pending = -5,
    status_invalid_address = -9,
};

constinit std::uint64_t (*conduit)(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t) = nullptr;

} // namespace

void initialise(const Fdt& tree) {
    // Version 0.1 had other function numbers, given in the node: not supported.
    auto node = tree.find_compatible("arm,psci-0.2");
    if (!node)
        node = tree.find_compatible("arm,psci-1.0");
    if (!node)
        return;
    const std::string_view method = node->string("method");
    if (method == "hvc")
        conduit = arch::hypervisor_call;
    else if (method == "smc")
        conduit = arch::secure_monitor_call;
}

Result<> start_cpu(std::uint64_t affinity, PhysAddr entry, std::uint64_t context) {
    if (!conduit)
        return fail(Error::no_device);
    switch (static_cast<std::int32_t>(conduit(function_cpu_on, affinity, entry.value, context))) {
    case status_success:
        return {};
    case status_invalid_parameters:
    case status_invalid_address:
        return fail(Error::invalid_argument);
    case status_already_on:
    case status_on_pending:
        return fail(Error::exists);
    default:
        return fail(Error::io);
    }
}

void power_off() {
    if (conduit)
        conduit(function_system_off, 0, 0, 0);
}

void reset() {
    if (conduit)
        conduit(function_system_reset, 0, 0, 0);
}

} // namespace device::psci
