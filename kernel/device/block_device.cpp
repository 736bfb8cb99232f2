#include "device/block_device.hpp"

namespace device {

namespace {

BlockDevice* devices = nullptr;

constexpr int owned = -1; // in place of the number of writers

} // namespace

Result<DiskClaim> DiskClaim::make(BlockDevice& disk, Kind kind) {
    int seen = disk.claims_.load(std::memory_order_relaxed);
    do {
        if (seen == owned || (kind == Kind::owner && seen != 0))
            return fail(Error::busy);
    } while (!disk.claims_.compare_exchange_weak(
        seen, kind == Kind::owner ? owned : seen + 1, std::memory_order_acquire, std::memory_order_relaxed));
    return DiskClaim(disk, kind);
}

DiskClaim::~DiskClaim() {
    if (!disk_)
        return;
    // The owner's -1 becomes 0 again, the writers are one fewer.
    disk_->claims_.fetch_add(kind_ == Kind::owner ? 1 : -1, std::memory_order_release);
}

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
