#pragma once
// What GICv2 and GICv3 share: line numbers, the device tree's spelling of them, the distributor.
// GIC architecture specifications IHI 0048 (v2) and IHI 0069 (v3); device tree bindings arm,gic and arm,gic-v3.

#include "device/interrupt_controller.hpp"
#include "device/registers.hpp"

#include <span>

namespace device::gic {

inline constexpr Irq first_private = 16; // below: software generated (SGI), from here: private to a CPU (PPI)
inline constexpr Irq first_shared = 32;  // shared (SPI)
inline constexpr Irq first_special = 1020;
inline constexpr Irq ipi = 0;                       // the SGI that is used
inline constexpr std::uint8_t priority = 0xa0;      // of every line; all are equal
inline constexpr std::uint8_t priority_mask = 0xf0; // lets them all through

/// Distributor registers, IHI 0048 4.1; the private lines' part has the same layout in a GICv3 redistributor.
enum Distributor : std::size_t {
    gicd_control = 0x000,
    gicd_type = 0x004,
    gicd_group = 0x080,
    gicd_set_enable = 0x100,
    gicd_clear_enable = 0x180,
    gicd_priority = 0x400,
    gicd_targets = 0x800,
    gicd_configuration = 0xc00,
    gicd_software_interrupt = 0xf00,
    gicd_route = 0x6000, // v3
};

/// Errors: invalid_argument (unknown kind of line, or a number outside it).
Result<InterruptLine> decode(std::span<const std::uint32_t> cells);

constexpr bool is_edge(Trigger trigger) {
    return trigger == Trigger::edge_rising || trigger == Trigger::edge_falling;
}

/// Lines that the distributor has.
Irq line_count(Registers distributor);
/// Off, at the one priority, in Group 1 where `group_one`: lines [first, first + count), both multiples of 32.
/// `registers`: the distributor, or a redistributor's SGI frame.
void reset_lines(Registers registers, Irq first, Irq count, bool group_one);
/// Edge or level. The caller serialises.
void configure(Registers registers, Irq irq, Trigger trigger);

inline void set_enabled(Registers registers, Irq irq, bool on) {
    registers.write32((on ? gicd_set_enable : gicd_clear_enable) + irq / 32 * 4, 1u << irq % 32);
}

} // namespace device::gic
