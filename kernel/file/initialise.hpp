#pragma once
// The file system at boot.

#include "file/attributes.hpp"

namespace boot {
struct BootInfo;
}

namespace file {

/// Makes the root in memory, unpacks the initrd into it (its frames are given back), makes and mounts /dev, /proc and
/// /sys. Needs memory and threads; called once, on a kernel thread. Errors: bad_executable (a broken initrd; logged),
/// no_memory.
Result<> initialise(const boot::BootInfo& info);

} // namespace file
