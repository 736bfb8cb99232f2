#include "device/fdt_driver.hpp"

#include "device/fdt_structure.hpp"
#include "lib/log.hpp"

namespace device {

// By the linker; weak, because a build without any such driver has no such section.
extern "C" {
[[gnu::weak]] extern const FdtDriver __start_fdt_drivers[];
[[gnu::weak]] extern const FdtDriver __stop_fdt_drivers[];
}

namespace {

void start_node(const FdtNode& node, Phase phase) {
    const auto compatible = node.property("compatible");
    if (!compatible)
        return;
    for (const FdtDriver* driver = __start_fdt_drivers; driver != __stop_fdt_drivers; ++driver) {
        if (driver->phase != phase || !fdt::lists_string(*compatible, driver->compatible) || !node.is_enabled())
            continue;
        if (const auto started = driver->start(node); !started)
            klog::warning("{}: {}", node.name(), started.error());
        return; // a node has one driver, though it may be compatible with several
    }
}

void start_below(const FdtNode& node, Phase phase) {
    start_node(node, phase);
    for (auto child = node.first_child(); child; child = child->next_sibling())
        start_below(*child, phase);
}

} // namespace

void start_fdt_drivers(const Fdt& tree, Phase phase) {
    start_below(tree.root(), phase);
}

} // namespace device
