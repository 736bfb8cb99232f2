// virtio over PCI (Virtual I/O Device 1.2, 4.1). Modern devices only, and transitional ones through their modern side.

#include "device/pci/pci.hpp"

#include "device/registers.hpp"
#include "device/virtio/transport.hpp"
#include "lib/log.hpp"

#include <new>

namespace device::virtio {
namespace {

constexpr std::uint8_t vendor_capability = 0x09;
// Offsets in a capability (4.1.4).
constexpr std::uint16_t capability_type = 3, capability_bar = 4, capability_offset = 8, capability_length = 12,
                        capability_multiplier = 16;
enum class Part : std::uint8_t { common = 1, notify = 2, interrupt_status = 3, device = 4 };

enum Common : std::size_t {
    device_feature_select = 0x00,
    device_feature_word = 0x04,
    driver_feature_select = 0x08,
    driver_feature_word = 0x0c,
    config_vector = 0x10,
    device_status = 0x14,
    queue_select = 0x16,
    queue_size = 0x18,
    queue_vector = 0x1a,
    queue_enable = 0x1c,
    queue_notify_offset = 0x1e,
    queue_descriptors = 0x20,
    queue_driver = 0x28,
    queue_device = 0x30,
};
constexpr std::size_t common_bytes = 0x38;
constexpr std::uint16_t no_vector = 0xffff;

/// Registers of 16 bits as well, which the common structure has.
class WideRegisters {
public:
    WideRegisters() = default;
    explicit WideRegisters(volatile void* base) : base_(static_cast<volatile std::byte*>(base)) {}
    template <typename T>
    T read(std::size_t offset) const {
        return *reinterpret_cast<volatile T*>(base_ + offset);
    }
    template <typename T>
    void write(std::size_t offset, T value) const {
        *reinterpret_cast<volatile T*>(base_ + offset) = value;
    }

private:
    volatile std::byte* base_ = nullptr;
};

class PciTransport final : public Transport {
public:
    explicit PciTransport(const pci::Function& function) : function_(function) {}
    ~PciTransport() override {
        if (handler_)
            detach_interrupt(line_.irq);
    }
    Result<> find_parts();

    DeviceType type() const override {
        std::uint16_t id = function_.device();
        constexpr std::uint16_t first_modern = 0x1040;
        // Transitional devices say it in the subsystem id.
        return static_cast<DeviceType>(id >= first_modern ? id - first_modern : function_.subsystem());
    }
    bool is_modern() const override { return true; }

    std::uint64_t device_features() override {
        common_.write<std::uint32_t>(device_feature_select, 0);
        std::uint64_t low = common_.read<std::uint32_t>(device_feature_word);
        common_.write<std::uint32_t>(device_feature_select, 1);
        return low | std::uint64_t{common_.read<std::uint32_t>(device_feature_word)} << 32;
    }
    void set_driver_features(std::uint64_t features) override {
        common_.write<std::uint32_t>(driver_feature_select, 0);
        common_.write(driver_feature_word, static_cast<std::uint32_t>(features));
        common_.write<std::uint32_t>(driver_feature_select, 1);
        common_.write(driver_feature_word, static_cast<std::uint32_t>(features >> 32));
    }
    std::uint8_t status() override { return common_.read<std::uint8_t>(device_status); }
    void set_status(std::uint8_t status) override { common_.write(device_status, status); }

    std::uint16_t max_queue_size(std::uint16_t index) override {
        common_.write(queue_select, index);
        return common_.read<std::uint16_t>(queue_size);
    }
    Result<> start_queue(std::uint16_t index, const Virtqueue& queue) override {
        if (index >= max_queues)
            return fail(Error::out_of_range);
        common_.write(queue_select, index);
        common_.write(queue_size, queue.size());
        common_.write<std::uint16_t>(queue_vector, has_message_ ? 0 : no_vector);
        write_address(queue_descriptors, queue.descriptors());
        write_address(queue_driver, queue.available());
        write_address(queue_device, queue.used());
        notify_at_[index] =
            static_cast<std::uint32_t>(common_.read<std::uint16_t>(queue_notify_offset)) * notify_multiplier_;
        common_.write<std::uint16_t>(queue_enable, 1);
        return {};
    }
    void notify(std::uint16_t index) override { notify_.write(notify_at_[index], index); }
    std::uint32_t read_config32(std::size_t offset) override { return device_.read<std::uint32_t>(offset); }

    /// Before the queues are started, which name their vector.
    Result<> start_interrupts(void (*handler)(void*), void* context) override {
        context_ = context;
        if (auto irq = function_.allocate_message(0)) {
            has_message_ = true;
            line_ = {*irq, Trigger::edge_rising};
        } else
            line_ = TRY(function_.pin_interrupt());
        handler_ = handler;
        common_.write<std::uint16_t>(config_vector, has_message_ ? 0 : no_vector);
        return attach_interrupt(
            line_.irq, line_.trigger,
            {[](void* self, Irq) { static_cast<PciTransport*>(self)->handle_interrupt(); }, this});
    }

private:
    static constexpr std::size_t max_queues = 64;

    void write_address(std::size_t offset, PhysAddr address) {
        common_.write(offset, static_cast<std::uint32_t>(address.value));
        common_.write(offset + 4, static_cast<std::uint32_t>(address.value >> 32));
    }
    void handle_interrupt() {
        // Reading the status acknowledges a pin interrupt; a message needs nothing.
        if (!has_message_ && interrupt_status_.read<std::uint8_t>(0) == 0)
            return;
        handler_(context_);
    }

    pci::Function function_;
    WideRegisters common_, notify_, interrupt_status_, device_;
    std::uint32_t notify_multiplier_ = 0;
    std::uint32_t notify_at_[max_queues] = {};
    bool has_message_ = false;
    InterruptLine line_{};
    void (*handler_)(void*) = nullptr;
    void* context_ = nullptr;
};

Result<> PciTransport::find_parts() {
    unsigned found = 0;
    std::uint8_t last = 0;
    // A broken list could be a circle: there are never more than 48 capabilities in 192 bytes.
    for (unsigned i = 0; i < 48; ++i) {
        auto at = function_.capability(vendor_capability, last);
        if (!at)
            break;
        last = *at;
        auto offset_of = [&](std::uint16_t field) { return static_cast<std::uint16_t>(*at + field); };
        auto part = static_cast<Part>(function_.read8(offset_of(capability_type)));
        if (part < Part::common || part > Part::device)
            continue;
        unsigned bar = function_.read8(offset_of(capability_bar));
        std::uint32_t offset = function_.read32(offset_of(capability_offset));
        std::uint32_t length = function_.read32(offset_of(capability_length));
        if (part == Part::common && length < common_bytes)
            return fail(Error::invalid_argument);
        WideRegisters registers(TRY(function_.map_bar(bar, offset, length)));
        found |= 1u << static_cast<unsigned>(part);
        if (part == Part::common)
            common_ = registers;
        else if (part == Part::notify) {
            notify_ = registers;
            notify_multiplier_ = function_.read32(offset_of(capability_multiplier));
        } else if (part == Part::interrupt_status)
            interrupt_status_ = registers;
        else
            device_ = registers;
    }
    constexpr unsigned needed = 1u << 1 | 1u << 2 | 1u << 3;
    return (found & needed) == needed ? Result<>{} : fail(Error::not_supported);
}

Result<> start_function(const pci::Function& function) {
    auto* transport = new (std::nothrow) PciTransport(function);
    if (!transport)
        return fail(Error::no_memory);
    function.enable();
    Result<> started = transport->find_parts();
    if (started) {
        started = start_device(*transport);
        if (!started)
            give_up(*transport);
    }
    if (!started)
        delete transport;
    return started;
}

[[gnu::section("pci_drivers"), gnu::used, gnu::retain]] constinit const pci::Driver driver{
    0x1af4, 0x1000, 0x107f, start_function};

} // namespace
} // namespace device::virtio
