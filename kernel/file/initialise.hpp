#pragma once
// The file system at boot.

#include "file/attributes.hpp"

namespace boot {
struct BootInfo;
}

namespace file {

/// Makes the root in memory, unpacks the initrd into it (its frames are given back), makes and mounts /dev, /proc and
/// /sys, and mounts the first disk at /xv6 (how that went is told in info.disk). Needs memory and threads; called once,
/// on a kernel thread. A broken initrd is logged, told in info.root, and leaves the root incomplete. Errors: no_memory.
Result<> initialise(boot::BootInfo& info);

} // namespace file
