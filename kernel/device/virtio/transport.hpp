#pragma once
// How a driver reaches a virtio device, whatever bus it is on (Virtual I/O Device 1.2, chapter 2 and 4).

#include "device/virtio/virtqueue.hpp"

#include <string_view>

namespace device::virtio {

enum class DeviceType : std::uint32_t { none = 0, network = 1, block = 2, console = 3, entropy = 4 };

/// Bits of the device status field (2.1).
enum Status : std::uint8_t {
    status_acknowledge = 1,
    status_driver = 2,
    status_driver_ok = 4,
    status_features_ok = 8,
    status_failed = 128,
};

inline constexpr std::uint64_t feature_version_1 = std::uint64_t{1} << 32;

class Transport {
public:
    virtual ~Transport() = default;

    virtual DeviceType type() const = 0;
    /// False: the interface of before virtio 1.0; guest pages are 4096 bytes, queues lie in one piece.
    virtual bool is_modern() const = 0;

    virtual std::uint64_t device_features() = 0;
    virtual void set_driver_features(std::uint64_t features) = 0;
    virtual std::uint8_t status() = 0;
    /// 0 resets the device.
    virtual void set_status(std::uint8_t status) = 0;

    /// The most descriptors that queue `index` may have; 0: there is no such queue.
    virtual std::uint16_t max_queue_size(std::uint16_t index) = 0;
    virtual Result<> start_queue(std::uint16_t index, const Virtqueue& queue) = 0;
    /// Tells the device that there is something new in the queue.
    virtual void notify(std::uint16_t index) = 0;

    /// The device's configuration space.
    virtual std::uint32_t read_config32(std::size_t offset) = 0;

    /// Calls `handler` for each interrupt of the device, after it was acknowledged; interrupts off. Once.
    virtual Result<> start_interrupts(void (*handler)(void* context), void* context) = 0;
};

/// Resets the device and agrees on features: those of `wanted` that it has. Returns them. Next come the queues, then
/// finish(). Errors: not_supported (the device refuses).
Result<std::uint64_t> negotiate(Transport& transport, std::uint64_t wanted);
/// The device may work from now on.
void finish(Transport& transport);
/// The driver gives up.
void give_up(Transport& transport);

/// Finds the driver for a device and starts it. The transport stays for ever when that succeeds; else the caller frees
/// it. Errors: not_supported (no driver), and the driver's.
Result<> start_device(Transport& transport);

/// A virtio-mmio device at that place. Nothing there is no error. Errors: those of the driver, no_memory.
Result<> start_mmio_device(PhysAddr start, std::uint64_t bytes, InterruptLine line);
/// Those that the command line names, as Linux has it: virtio_mmio.device=<size>@<base>:<irq>.
void start_mmio_devices(std::string_view command_line);

} // namespace device::virtio
