#pragma once
// File systems by the names that mount() knows them by.

#include "file/tree.hpp"

namespace device {
class BlockDevice;
}

namespace file {

/// proc, tmpfs, ramfs, devtmpfs; sysfs and devpts as empty directories; xv6fs, whose `source` names a disk. Errors:
/// no_device (an unknown name), not_found (no such disk), and those of mount() and mount_disk().
Result<> mount_by_name(std::string_view type, const Path& at, std::uint32_t flags, std::string_view source);

/// The file system on that disk; read-only when the disk is. Errors: invalid_argument (no file system that we know, or
/// a broken one), busy (it is mounted already, or somebody has its node open for writing), io, no_memory.
Result<> mount_disk(device::BlockDevice& disk, const Path& at, std::uint32_t flags);

} // namespace file
