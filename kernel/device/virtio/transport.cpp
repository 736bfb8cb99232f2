#include "device/virtio/transport.hpp"

#include "device/virtio/block.hpp"
#include "device/virtio/console.hpp"

namespace device::virtio {

Result<std::uint64_t> negotiate(Transport& transport, std::uint64_t wanted) {
    transport.set_status(0);
    transport.set_status(status_acknowledge);
    transport.set_status(status_acknowledge | status_driver);
    std::uint64_t features = transport.device_features() & wanted;
    if (transport.is_modern() && !(features & feature_version_1))
        return fail(Error::not_supported);
    transport.set_driver_features(features);
    if (!transport.is_modern())
        return features;
    transport.set_status(status_acknowledge | status_driver | status_features_ok);
    if (!(transport.status() & status_features_ok))
        return fail(Error::not_supported);
    return features;
}

void finish(Transport& transport) {
    std::uint8_t features_ok = transport.is_modern() ? status_features_ok : std::uint8_t{0};
    transport.set_status(
        static_cast<std::uint8_t>(status_acknowledge | status_driver | features_ok | status_driver_ok));
}

void give_up(Transport& transport) {
    transport.set_status(status_failed);
}

Result<> start_device(Transport& transport) {
    switch (transport.type()) {
    case DeviceType::block:
        return start_block(transport);
    case DeviceType::console:
        return start_console(transport);
    default:
        return fail(Error::not_supported);
    }
}

} // namespace device::virtio
