#pragma once
// xv6's file system on a disk (file/xv6fs/).

#include "file/inode.hpp"

namespace device {
class BlockDevice;
}

namespace file {

/// The file system on that disk, brought to a consistent state. Errors: busy (the disk is mounted, or somebody writes
/// to it), invalid_argument (there is none, or it is broken), io, no_memory.
Result<Ref<FileSystem>> open_xv6fs(device::BlockDevice& disk);

} // namespace file
