#pragma once
// Disks as files, /dev/vda and its like: the bytes that the device holds, in no cache of their own.

#include "file/operations.hpp"

namespace file {

/// Makes a node in /dev for each disk that was found, and registers the driver behind them. Who opens one for writing
/// gets busy while a file system on the disk is mounted, read_only when the device takes no writes. What a mounted file
/// system has not written yet is not seen. Errors: no_memory.
Result<> make_disk_nodes(const Walk& walk);

} // namespace file
