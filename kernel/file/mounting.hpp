#pragma once
// File systems by the names that mount() knows them by.

#include "file/tree.hpp"

namespace file {

/// proc, tmpfs, ramfs, devtmpfs; sysfs and devpts as empty directories. Errors: no_device (an unknown name), and those
/// of mount().
Result<> mount_by_name(std::string_view type, const Path& at, std::uint32_t flags, std::string_view source);

} // namespace file
