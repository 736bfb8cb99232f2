#include "device/arm/gic.hpp"

namespace device::gic {

Result<InterruptLine> decode(std::span<const std::uint32_t> cells) {
    constexpr std::uint32_t kind_shared = 0, kind_private = 1;
    if (cells.size() < 3)
        return fail(Error::invalid_argument);
    const bool is_private = cells[0] == kind_private;
    if (!is_private && cells[0] != kind_shared)
        return fail(Error::invalid_argument);
    const Irq base = is_private ? first_private : first_shared;
    const Irq end = is_private ? first_shared : first_special;
    if (cells[1] >= end - base)
        return fail(Error::invalid_argument);
    InterruptLine line{.irq = base + cells[1], .trigger = Trigger::level_high};
    switch (cells[2] & 0xf) { // the bits above are the CPUs of a PPI
    case 1:
        line.trigger = Trigger::edge_rising;
        break;
    case 2:
        line.trigger = Trigger::edge_falling;
        break;
    case 8:
        line.trigger = Trigger::level_low;
        break;
    default:
        break;
    }
    return line;
}

Irq line_count(Registers distributor) {
    const Irq count = ((distributor.read32(gicd_type) & 0x1f) + 1) * 32;
    return count < first_special ? count : first_special;
}

void reset_lines(Registers registers, Irq first, Irq count, bool group_one) {
    for (Irq irq = first; irq < first + count; irq += 32) {
        registers.write32(gicd_clear_enable + irq / 32 * 4, ~0u);
        if (group_one)
            registers.write32(gicd_group + irq / 32 * 4, ~0u);
    }
    for (Irq irq = first; irq < first + count; irq += 4)
        registers.write32(gicd_priority + irq, priority * 0x0101'0101u);
}

void configure(Registers registers, Irq irq, Trigger trigger) {
    const std::size_t offset = gicd_configuration + irq / 16 * 4;
    const std::uint32_t edge = 2u << irq % 16 * 2;
    const std::uint32_t others = registers.read32(offset) & ~edge;
    registers.write32(offset, others | (is_edge(trigger) ? edge : 0));
}

} // namespace device::gic
