// Device trees of any bytes: nothing is read outside the blob, every walk ends.

#include "device/fdt.hpp"

#include <vector>

namespace {

void visit(const device::FdtNode& node) {
    (void)node.name();
    (void)node.is_enabled();
    (void)node.reg();
    (void)node.unit_address();
    (void)node.interrupt();
    for (auto child = node.first_child(); child; child = child->next_sibling())
        visit(*child);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 40)
        return 0;
    std::vector<std::uint8_t> blob(data, data + size);
    for (int shift = 24, at = 4; at < 8; shift -= 8, ++at)
        blob[static_cast<std::size_t>(at)] =
            static_cast<std::uint8_t>(size >> shift); // the extent is the loader's word
    const auto tree = device::Fdt::open(blob.data());
    if (!tree)
        return 0;
    visit(tree->root());
    (void)tree->find_compatible("arm,pl011");
    (void)tree->console();
    (void)tree->command_line();
    (void)tree->initrd();
    for (std::size_t i = 0; tree->reservation(i); ++i)
        (void)i;
    return 0;
}
