// Interrupts in the device tree (specification 2.4): the controller that a node speaks to, what it says to it, and the
// map of a node that stands between.

#include "device/fdt.hpp"
#include "device/fdt_structure.hpp"

namespace device {

Result<FdtNode> FdtNode::interrupt_parent() const {
    const Fdt tree = TRY(Fdt::open(blob_));
    if (const auto first = cell("interrupts-extended", 0))
        if (const auto controller = tree.node_by_phandle(*first))
            return *controller;
    for (std::optional<FdtNode> node = *this; node; node = node->parent())
        if (const auto phandle = node->cell("interrupt-parent", 0))
            if (const auto controller = tree.node_by_phandle(*phandle))
                return *controller;
    return fail(Error::not_found);
}

Result<InterruptSpecifier> FdtNode::interrupt(std::size_t index) const {
    const FdtNode controller = TRY(interrupt_parent());
    InterruptSpecifier specifier{.cells = {}, .count = controller.cell_count("#interrupt-cells", 1)};
    const auto extended = property("interrupts-extended");
    const auto value = extended ? extended : property("interrupts");
    if (!value)
        return fail(Error::not_found);
    // An entry of the extended form begins with its controller's phandle; one controller for all entries is what
    // machines have here.
    const std::size_t skip = extended ? 1 : 0;
    for (std::size_t i = 0; i < specifier.count; ++i) {
        const auto number = fdt::read_cell(*value, index * (specifier.count + skip) + skip + i);
        if (!number)
            return fail(Error::not_found);
        specifier.cells[i] = *number;
    }
    return specifier;
}

Result<InterruptSpecifier> FdtNode::mapped_interrupt(std::span<const std::uint32_t> source) const {
    const auto map = property("interrupt-map");
    if (!map)
        return fail(Error::not_found);
    const Fdt tree(blob_);
    for (std::size_t at = 0;;) {
        bool is_source = true;
        for (std::size_t i = 0; i < source.size(); ++i, ++at) {
            const auto listed = fdt::read_cell(*map, at);
            if (!listed)
                return fail(Error::not_found); // the end of the map
            const std::uint32_t mask = cell("interrupt-map-mask", i).value_or(~0u);
            is_source = is_source && (source[i] & mask) == *listed;
        }
        const auto phandle = fdt::read_cell(*map, at++);
        const auto controller = phandle ? tree.node_by_phandle(*phandle) : std::nullopt;
        if (!controller)
            return fail(Error::not_found);
        at += controller->cell_count("#address-cells", 0);
        InterruptSpecifier specifier{.cells = {}, .count = controller->cell_count("#interrupt-cells", 1)};
        for (std::size_t i = 0; i < specifier.count; ++i, ++at)
            specifier.cells[i] = fdt::read_cell(*map, at).value_or(0);
        if (is_source)
            return specifier;
    }
}

} // namespace device
