// GICv2: distributor and CPU interface are memory-mapped. IHI 0048.

#include "device/arm/gic.hpp"
#include "device/fdt_driver.hpp"
#include "memory/kernel_map.hpp"
#include "thread/cpu.hpp"

#include <arch/gic.hpp>

namespace device {
namespace {

using namespace gic;

enum CpuInterface : std::size_t {
    gicc_control = 0x00,
    gicc_priority_mask = 0x04,
    gicc_binary_point = 0x08,
    gicc_acknowledge = 0x0c,
    gicc_end = 0x10,
};

class GicV2 final : public InterruptController {
public:
    Result<> start(const FdtNode& node);

    Result<InterruptLine> decode(std::span<const std::uint32_t> cells) const override { return gic::decode(cells); }
    void initialise_cpu(thread::Cpu& cpu) override;
    Result<> enable(Irq irq, Trigger trigger, thread::Cpu& cpu) override;
    void disable(Irq irq) override;
    std::optional<Irq> acknowledge() override;
    void complete(Irq irq) override;
    void send_ipi(thread::Cpu& target) override;

private:
    Registers distributor_;
    Registers interface_;
    Irq lines_ = 0;
    Spinlock lock_;                                               // guards read-modify-write of the distributor
    std::uint32_t private_lines_ GUARDED_BY(lock_) = 0;           // PPIs that each CPU enables
    std::array<std::uint8_t, thread::max_cpus> interface_mask_{}; // by CPU; the GIC's number of it, as a bit
    std::array<std::uint32_t, thread::max_cpus>
        software_interrupt_{}; // by CPU: the SGI being handled, with its sender, as it must be ended
};

Result<> GicV2::start(const FdtNode& node) {
    if (has_interrupt_controller())
        return fail(Error::busy);
    const FdtNode::Region distributor = TRY(node.reg(0)), interface = TRY(node.reg(1));
    distributor_ = Registers(TRY(memory::map_device(distributor.start, distributor.size)));
    interface_ = Registers(TRY(memory::map_device(interface.start, interface.size)));
    lines_ = line_count(distributor_);
    distributor_.write32(gicd_control, 0);
    reset_lines(distributor_, first_shared, lines_ - first_shared, false);
    distributor_.write32(gicd_control, 1);
    set_interrupt_controller(*this);
    return {};
}

void GicV2::initialise_cpu(thread::Cpu& cpu) {
    SpinlockGuard guard(lock_);
    reset_lines(distributor_, 0, first_shared, false);
    distributor_.write32(gicd_set_enable, (1u << ipi) | private_lines_);
    // The targets of private lines read as this CPU only, or as nothing on a uniprocessor.
    const auto self = static_cast<std::uint8_t>(distributor_.read32(gicd_targets));
    interface_mask_[cpu.index] = self != 0 ? self : 1;
    interface_.write32(gicc_priority_mask, priority_mask);
    interface_.write32(gicc_binary_point, 0);
    interface_.write32(gicc_control, 1);
}

Result<> GicV2::enable(Irq irq, Trigger trigger, thread::Cpu& cpu) {
    if (irq < first_private || irq >= lines_)
        return fail(Error::invalid_argument);
    SpinlockGuard guard(lock_);
    configure(distributor_, irq, trigger);
    if (irq < first_shared)
        private_lines_ |= 1u << irq;
    else
        distributor_.write8(gicd_targets + irq, interface_mask_[cpu.index]);
    set_enabled(distributor_, irq, true);
    return {};
}

void GicV2::disable(Irq irq) {
    if (irq < first_private || irq >= lines_)
        return;
    if (irq >= first_shared)
        return set_enabled(distributor_, irq, false); // one write
    SpinlockGuard guard(lock_);
    private_lines_ &= ~(1u << irq);
    set_enabled(distributor_, irq, false);
}

std::optional<Irq> GicV2::acknowledge() {
    const std::uint32_t taken = interface_.read32(gicc_acknowledge);
    const Irq irq = taken & 0x3ff;
    if (irq >= first_special)
        return {};
    if (irq < first_private)
        software_interrupt_[arch::current_cpu().index] = taken;
    return irq;
}

void GicV2::complete(Irq irq) {
    interface_.write32(gicc_end, irq < first_private ? software_interrupt_[arch::current_cpu().index] : irq);
}

void GicV2::send_ipi(thread::Cpu& target) {
    arch::publish_to_devices();
    distributor_.write32(
        gicd_software_interrupt, static_cast<std::uint32_t>(interface_mask_[target.index]) << 16 | ipi);
}

constinit GicV2 controller;

Result<> start(const FdtNode& node) {
    return controller.start(node);
}

[[gnu::section("fdt_drivers"), gnu::used, gnu::retain]] constinit const FdtDriver drivers[]{
    {"arm,cortex-a15-gic", Phase::interrupt_controller, start},
    {"arm,gic-400", Phase::interrupt_controller, start},
};

} // namespace
} // namespace device
