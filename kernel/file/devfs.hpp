#pragma once
// /dev: device nodes in memory, made at boot.

#include "file/tree.hpp"

namespace file {

/// Errors: no_memory.
Result<Ref<FileSystem>> create_devfs();
/// The mounted /dev; empty before fill_devfs().
Path devfs_root();
/// Makes the nodes in /dev, where it is mounted by now, and registers the drivers behind them. Errors: no_memory.
Result<> fill_devfs(const Walk& walk);

} // namespace file
