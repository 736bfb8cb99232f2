#pragma once
// /proc: processes and the machine as text files, in the formats that Linux programs read (proc(5)).

#include "file/inode.hpp"

namespace file {

/// A mountable /proc. All show the same. Errors: no_memory.
Result<Ref<FileSystem>> create_procfs();

} // namespace file
