#pragma once
// Files in memory that never had a name (memfd).

#include "file/open_file.hpp"

namespace file {

/// An empty file open for reading and writing; `name` is shown in /proc only. Errors: no_memory.
Result<Ref<OpenFile>> create_memory_file(std::string_view name);

/// Boot only. Errors: no_memory.
Result<> initialise_memory_files();

} // namespace file
