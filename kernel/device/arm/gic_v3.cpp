// GICv3: a distributor, a redistributor per CPU, and the CPU interface in system registers. IHI 0069.

#include "device/arm/gic.hpp"
#include "device/fdt_driver.hpp"
#include "lib/log.hpp"
#include "memory/kernel_map.hpp"
#include "thread/cpu.hpp"

#include <algorithm>
#include <arch/gic.hpp>

namespace device {
namespace {

using namespace gic;

/// A redistributor's two frames, and a third and fourth where it handles virtual LPIs.
enum Redistributor : std::size_t {
    gicr_type = 0x08,
    gicr_waker = 0x14,
    gicr_private_lines = 0x10000, // the second frame
    gicr_size = 0x20000,
};

constexpr std::uint64_t type_virtual_lpis = 1u << 1; // GICR_TYPER
constexpr std::uint64_t type_last = 1u << 4;
constexpr std::uint32_t waker_sleep = 1u << 1;
constexpr std::uint32_t waker_asleep = 1u << 2;
constexpr std::uint32_t control_write_pending = 1u << 31; // GICD_CTLR.RWP
constexpr std::uint32_t control_enable =
    0x13; // affinity routing, both groups (whichever of them this security state sees)

class GicV3 final : public InterruptController {
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
    Result<Registers> find_redistributor(std::uint64_t affinity) const;

    static constexpr std::size_t max_regions = 2; // QEMU's virt has one, or two with very many CPUs
    struct RedistributorRegion {
        Registers registers;
        std::uint64_t size = 0;
    };

    Registers distributor_;
    std::array<RedistributorRegion, max_regions> regions_{};
    Irq lines_ = 0;
    Spinlock lock_;                                             // guards read-modify-write of the distributor
    std::uint32_t private_lines_ GUARDED_BY(lock_) = 0;         // PPIs that each CPU enables
    std::array<Registers, thread::max_cpus> private_registers_; // by CPU: its redistributor's frame for private lines
};

/// Waits until the distributor has taken writes to its control register or to enables in.
void wait_for_writes(Registers distributor) {
    while (distributor.read32(gicd_control) & control_write_pending)
        arch::spin_hint();
}

/// MPIDR affinity as GICR_TYPER has it, in one 32-bit word.
constexpr std::uint32_t packed_affinity(std::uint64_t affinity) {
    return static_cast<std::uint32_t>((affinity & 0xff'ffff) | (affinity >> 8 & 0xff00'0000));
}

Result<> GicV3::start(const FdtNode& node) {
    if (has_interrupt_controller())
        return fail(Error::busy);
    const FdtNode::Region distributor = TRY(node.reg(0));
    distributor_ = Registers(TRY(memory::map_device(distributor.start, distributor.size)));
    const std::uint64_t count = node.number("#redistributor-regions").value_or(1);
    for (std::size_t i = 0; i < std::min<std::uint64_t>(count, max_regions); ++i) {
        FdtNode::Region region = TRY(node.reg(1 + i));
        region.size = std::min<std::uint64_t>(
            region.size, 2 * gicr_size * thread::max_cpus); // more than can be used need not be mapped
        regions_[i] = {Registers(TRY(memory::map_device(region.start, region.size))), region.size};
    }
    lines_ = line_count(distributor_);
    distributor_.write32(gicd_control, 0);
    wait_for_writes(distributor_);
    reset_lines(distributor_, first_shared, lines_ - first_shared, true);
    distributor_.write32(gicd_control, control_enable);
    wait_for_writes(distributor_);
    set_interrupt_controller(*this);
    return {};
}

Result<Registers> GicV3::find_redistributor(std::uint64_t affinity) const {
    for (const RedistributorRegion& region : regions_) {
        for (std::uint64_t at = 0; at + gicr_size <= region.size;) {
            const Registers frame = region.registers.from(at);
            const std::uint64_t type = frame.read64(gicr_type);
            if (type >> 32 == packed_affinity(affinity))
                return frame;
            if (type & type_last)
                break;
            at += type & type_virtual_lpis ? 2 * gicr_size : gicr_size;
        }
    }
    return fail(Error::no_device);
}

void GicV3::initialise_cpu(thread::Cpu& cpu) {
    const auto found = find_redistributor(cpu.hardware_id);
    INVARIANT(found); // the machine's own tree names a CPU that its interrupt controller does not have
    found->write32(gicr_waker, found->read32(gicr_waker) & ~waker_sleep);
    while (found->read32(gicr_waker) & waker_asleep)
        arch::spin_hint();
    const Registers lines = found->from(gicr_private_lines);
    private_registers_[cpu.index] = lines;
    SpinlockGuard guard(lock_);
    reset_lines(lines, 0, first_shared, true);
    lines.write32(gicd_set_enable, (1u << ipi) | private_lines_);
    arch::gic_v3_enable_interface(priority_mask);
}

Result<> GicV3::enable(Irq irq, Trigger trigger, thread::Cpu& cpu) {
    if (irq < first_private || irq >= lines_)
        return fail(Error::invalid_argument);
    SpinlockGuard guard(lock_);
    if (irq < first_shared) {
        private_lines_ |= 1u << irq;
        configure(private_registers_[cpu.index], irq, trigger);
        set_enabled(private_registers_[cpu.index], irq, true);
        return {};
    }
    configure(distributor_, irq, trigger);
    distributor_.write64(gicd_route + std::size_t{irq} * 8, cpu.hardware_id);
    set_enabled(distributor_, irq, true);
    return {};
}

void GicV3::disable(Irq irq) {
    if (irq < first_private || irq >= lines_)
        return;
    SpinlockGuard guard(lock_);
    if (irq < first_shared) {
        private_lines_ &= ~(1u << irq);
        set_enabled(private_registers_[arch::current_cpu().index], irq, false);
    } else {
        set_enabled(distributor_, irq, false);
        wait_for_writes(distributor_);
    }
}

std::optional<Irq> GicV3::acknowledge() {
    const auto irq = static_cast<Irq>(arch::gic_v3_acknowledge());
    if (irq >= first_special)
        return {};
    return irq;
}

void GicV3::complete(Irq irq) {
    arch::gic_v3_end(irq);
}

void GicV3::send_ipi(thread::Cpu& target) {
    arch::publish_to_devices();
    const std::uint64_t id = target.hardware_id;
    const std::uint64_t level_0 = id & 0xff;
    arch::gic_v3_generate(
        (id >> 32 & 0xff) << 48 | (level_0 / 16) << 44 | (id >> 16 & 0xff) << 32 | std::uint64_t{ipi} << 24
        | (id >> 8 & 0xff) << 16 | std::uint64_t{1} << level_0 % 16);
}

constinit GicV3 controller;

[[gnu::section("fdt_drivers"), gnu::used, gnu::retain]] constinit const FdtDriver driver{
    "arm,gic-v3", Phase::interrupt_controller, [](const FdtNode& node) { return controller.start(node); }};

} // namespace
} // namespace device
