// virtio over memory-mapped registers (Virtual I/O Device 1.2, 4.2), and the interface of before 1.0 (4.2.4).

#include "device/fdt_driver.hpp"
#include "device/registers.hpp"
#include "device/virtio/transport.hpp"
#include "lib/log.hpp"
#include "memory/kernel_map.hpp"

#include <new>

namespace device::virtio {
namespace {

enum Register : std::size_t {
    magic = 0x000,
    version = 0x004,
    device_id = 0x008,
    device_feature_word = 0x010,
    device_feature_select = 0x014,
    driver_feature_word = 0x020,
    driver_feature_select = 0x024,
    guest_page_size = 0x028, // legacy
    queue_select = 0x030,
    queue_size_max = 0x034,
    queue_size = 0x038,
    queue_align = 0x03c, // legacy
    queue_page = 0x040,  // legacy
    queue_ready = 0x044,
    queue_notify = 0x050,
    interrupt_status = 0x060,
    interrupt_acknowledge = 0x064,
    device_status = 0x070,
    queue_descriptors = 0x080,
    queue_driver = 0x090,
    queue_device = 0x0a0,
    config = 0x100,
};

constexpr std::uint32_t magic_value = 0x74726976; // "virt"
constexpr std::uint32_t version_legacy = 1;
constexpr std::uint32_t version_modern = 2;

class MmioTransport final : public Transport {
public:
    MmioTransport(Registers registers, InterruptLine line)
        : registers_(registers), line_(line), version_(registers.read32(version)) {
        if (version_ == version_legacy)
            registers_.write32(guest_page_size, page_size);
    }
    ~MmioTransport() override {
        if (handler_)
            detach_interrupt(line_.irq);
    }

    DeviceType type() const override { return static_cast<DeviceType>(registers_.read32(device_id)); }
    bool is_modern() const override { return version_ >= version_modern; }

    std::uint64_t device_features() override {
        registers_.write32(device_feature_select, 0);
        std::uint64_t low = registers_.read32(device_feature_word);
        if (!is_modern())
            return low;
        registers_.write32(device_feature_select, 1);
        return low | std::uint64_t{registers_.read32(device_feature_word)} << 32;
    }
    void set_driver_features(std::uint64_t features) override {
        registers_.write32(driver_feature_select, 0);
        registers_.write32(driver_feature_word, static_cast<std::uint32_t>(features));
        if (!is_modern())
            return;
        registers_.write32(driver_feature_select, 1);
        registers_.write32(driver_feature_word, static_cast<std::uint32_t>(features >> 32));
    }
    std::uint8_t status() override { return static_cast<std::uint8_t>(registers_.read32(device_status)); }
    void set_status(std::uint8_t status) override { registers_.write32(device_status, status); }

    std::uint16_t max_queue_size(std::uint16_t index) override {
        registers_.write32(queue_select, index);
        return static_cast<std::uint16_t>(registers_.read32(queue_size_max));
    }
    Result<> start_queue(std::uint16_t index, const Virtqueue& queue) override {
        registers_.write32(queue_select, index);
        registers_.write32(queue_size, queue.size());
        if (!is_modern()) {
            registers_.write32(queue_align, page_size);
            registers_.write32(queue_page, static_cast<std::uint32_t>(queue.descriptors().frame_number()));
            return {};
        }
        write_address(queue_descriptors, queue.descriptors());
        write_address(queue_driver, queue.available());
        write_address(queue_device, queue.used());
        registers_.write32(queue_ready, 1);
        return {};
    }
    void notify(std::uint16_t index) override { registers_.write32(queue_notify, index); }
    std::uint32_t read_config32(std::size_t offset) override { return registers_.read32(config + offset); }

    Result<> start_interrupts(void (*handler)(void*), void* context) override {
        handler_ = handler;
        context_ = context;
        return attach_interrupt(
            line_.irq, line_.trigger,
            {[](void* self, Irq) { static_cast<MmioTransport*>(self)->handle_interrupt(); }, this});
    }

private:
    void write_address(std::size_t offset, PhysAddr address) {
        registers_.write32(offset, static_cast<std::uint32_t>(address.value));
        registers_.write32(offset + 4, static_cast<std::uint32_t>(address.value >> 32));
    }
    void handle_interrupt() {
        // On an edge-triggered line nothing more would come while a bit stays set.
        while (std::uint32_t pending = registers_.read32(interrupt_status)) {
            registers_.write32(interrupt_acknowledge, pending);
            handler_(context_);
        }
    }

    Registers registers_;
    InterruptLine line_;
    std::uint32_t version_;
    void (*handler_)(void*) = nullptr;
    void* context_ = nullptr;
};

/// An empty slot has a transport but no device.
bool holds_device(Registers registers) {
    const std::uint32_t found = registers.read32(version);
    return registers.read32(magic) == magic_value && (found == version_legacy || found == version_modern)
           && registers.read32(device_id) != 0;
}

Result<> start_slot(Registers registers, PhysAddr start, InterruptLine line) {
    auto* transport = new (std::nothrow) MmioTransport(registers, line);
    if (!transport)
        return fail(Error::no_memory);
    auto started = start_device(*transport);
    if (!started) {
        give_up(*transport);
        delete transport;
        if (started.error() == Error::not_supported) {
            klog::info("virtio-mmio at {}: no driver for device type {}", start, registers.read32(device_id));
            return {};
        }
    }
    return started;
}

/// Most slots of a machine are empty: they are left before the device tree is searched for their interrupt.
Result<> start_node(const FdtNode& node) {
    const FdtNode::Region region = TRY(node.reg());
    const Registers registers(TRY(memory::map_device(region.start, region.size)));
    if (!holds_device(registers))
        return {};
    const InterruptSpecifier specifier = TRY(node.interrupt());
    return start_slot(registers, region.start, TRY(interrupt_controller().decode(specifier.span())));
}

[[gnu::section("fdt_drivers"), gnu::used, gnu::retain]] constinit const FdtDriver driver{
    "virtio,mmio", Phase::device, start_node};

} // namespace

Result<> start_mmio_device(PhysAddr start, std::uint64_t bytes, InterruptLine line) {
    const Registers registers(TRY(memory::map_device(start, bytes)));
    return holds_device(registers) ? start_slot(registers, start, line) : Result<>();
}

// The command line

namespace {

/// A decimal or 0x-prefixed number at the front of `text`, which moves behind it; K, M as Linux's memparse has them.
std::optional<std::uint64_t> take_number(std::string_view& text) {
    unsigned base = 10;
    if (text.starts_with("0x")) {
        base = 16;
        text.remove_prefix(2);
    }
    std::uint64_t value = 0;
    bool any = false;
    for (; !text.empty(); text.remove_prefix(1), any = true) {
        char c = text.front();
        unsigned digit = 16;
        if (c >= '0' && c <= '9')
            digit = static_cast<unsigned>(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = static_cast<unsigned>(c - 'a' + 10);
        if (digit >= base)
            break;
        value = value * base + digit;
    }
    if (!any)
        return {};
    if (text.starts_with('K') || text.starts_with('k')) {
        value <<= 10;
        text.remove_prefix(1);
    }
    return value;
}

bool take(std::string_view& text, char expected) {
    if (!text.starts_with(expected))
        return false;
    text.remove_prefix(1);
    return true;
}

} // namespace

void start_mmio_devices(std::string_view command_line) {
    constexpr std::string_view option = "virtio_mmio.device=";
    for (std::size_t at = 0; (at = command_line.find(option, at)) != std::string_view::npos;) {
        at += option.size();
        std::string_view text = command_line.substr(at);
        auto size = take_number(text);
        auto base = size && take(text, '@') ? take_number(text) : std::nullopt;
        auto irq = base && take(text, ':') ? take_number(text) : std::nullopt;
        if (!irq) {
            klog::warning("{} needs size@base:irq", option);
            continue;
        }
        InterruptLine line{static_cast<Irq>(*irq), Trigger::edge_rising};
        if (auto started = start_mmio_device(PhysAddr{*base}, *size, line); !started)
            klog::warning("virtio-mmio at {:x}: {}", *base, started.error());
    }
}

} // namespace device::virtio
