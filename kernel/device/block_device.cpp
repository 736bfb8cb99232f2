#include "device/block_device.hpp"

namespace device {

namespace {

BlockDevice* devices = nullptr;

} // namespace

void add_block_device(BlockDevice& device) {
    BlockDevice** end = &devices;
    while (*end)
        end = &(*end)->next;
    *end = &device;
}

BlockDevice* first_block_device() {
    return devices;
}

BlockDevice* find_block_device(std::string_view name) {
    for (BlockDevice* device = devices; device; device = device->next)
        if (device->name() == name)
            return device;
    return nullptr;
}

} // namespace device
