#pragma once
// The initial file system's contents from the boot loader's archive.

#include "file/tree.hpp"

namespace file {

/// Unpacks concatenated cpio archives below `directory`; what is there already is replaced. `own_frames`: the archive
/// lies in allocated frames of the caller's with a reference each; whole pages of contents that lie on page boundaries
/// are then used in place, with references added. What was unpacked before an error stays. Errors: bad_executable (not
/// an archive, or a broken one: logged with the offset), no_memory, no_space.
Result<> unpack_cpio(std::span<const std::byte> archive, const Path& directory, bool own_frames);

} // namespace file
