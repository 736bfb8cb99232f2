#pragma once
// The virtio console device with several named ports (Virtual I/O Device 1.2, 5.3).

#include "device/virtio/transport.hpp"

namespace device::virtio {

/// Starts the device; its ports come to first_stream_port() once the host has named them. Errors: no_memory,
/// not_supported.
Result<> start_console(Transport& transport);

} // namespace device::virtio
