#pragma once
// What the operations on names check and do alike. For operations.cpp and rename.cpp.

#include "file/tree.hpp"

namespace file {

inline bool is_dots(std::string_view name) {
    return name == "." || name == "..";
}

/// Errors: read_only.
Result<> check_mount_writable(const Path& path);
/// A new name may be made in `directory`. Errors: not_found (it was removed), read_only, access_denied.
Result<> check_create(const Path& directory, const Identity& who) REQUIRES(tree_lock());
/// A name may be taken away; in a sticky directory only owners do. Errors: read_only, access_denied, not_permitted.
Result<> check_remove(const Path& directory, const Inode& victim, const Identity& who);
/// Takes the name from its file system and from the tree. Errors: the file system's.
Result<> remove_entry(const Path& directory, std::string_view name, const Path& victim) REQUIRES(tree_lock());
/// Something is mounted on the entry that was found as `victim` in `directory` (the walk has entered the mount).
bool is_mount_point(const Path& directory, const Path& victim) REQUIRES(tree_lock());

} // namespace file
