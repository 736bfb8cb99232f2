#pragma once
// The file system at boot.

#include "boot/boot_info.hpp"
#include "lib/result.hpp"

namespace file {

/// Mounts the root ramfs, unpacks the initrd into it, mounts /dev and /proc, registers the memory devices. An initrd that is empty or broken is reported
/// on the log and leaves what was unpacked so far. Boot only, before the devices. Errors: no_memory.
Result<> start(const boot::MemoryRegion& initrd);

} // namespace file
