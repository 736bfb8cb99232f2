#pragma once
// What programs do with names: the bodies of open, mkdir, rename and so on, shared by all personalities.
// Paths are bytes without a NUL, in kernel memory. All may sleep; no locks held. Errors of look_up() (tree.hpp) can
// come from each of them; read_only from each that changes something.

#include "file/open_file.hpp"
#include "file/working_directory.hpp"

namespace file {

/// Opens, and creates when asked (mode is cut by the umask). Errors: exists, is_directory, access_denied, text_busy,
/// no_device, too_many_links (open_no_follow met a link), no_memory, ...
Result<Ref<OpenFile>> open(const Walk& walk, std::string_view path, std::uint32_t flags, Mode mode);
/// Opens a file that was looked up already; permission is checked. Errors as above.
Result<Ref<OpenFile>> open_path_object(const Path& path, std::uint32_t flags, const Identity& who);
/// The file of an executable: a regular file that `who` may execute, on a mount that allows it.
/// Errors: access_denied, is_directory -> access_denied, ...
Result<Path> look_up_executable(const Walk& walk, std::string_view path, bool follow = true);

Result<> make_directory(const Walk& walk, std::string_view path, Mode mode);
/// Regular files, fifos, sockets and device nodes. Errors: not_permitted (devices need root), exists.
Result<> make_node(const Walk& walk, std::string_view path, Type type, Mode mode, DeviceNumber device);
Result<> make_symlink(const Walk& walk, std::string_view target, std::string_view path);
/// A second name for what `from` names. Errors: not_permitted (a directory), cross_device, exists, link_limit.
Result<> make_link(const Path& from, const Walk& walk, std::string_view path);
/// Errors: is_directory, not_directory (trailing slash), access_denied, not_permitted (sticky), busy.
Result<> unlink(const Walk& walk, std::string_view path);
/// Errors: not_empty, busy (a mount point, the root), invalid_argument (last component "."), not_directory.
Result<> remove_directory(const Walk& walk, std::string_view path);

enum class RenameMode : std::uint8_t { replace, no_replace, exchange };
Result<>
rename(const Walk& from_walk, std::string_view from, const Walk& to_walk, std::string_view to, RenameMode mode);

/// Each checks that `who` may do that to the file at `path`.
Result<> change_mode(const Path& path, Mode mode, const Identity& who);
/// Ids of ~0u stay. Set-id bits go as POSIX wants it.
Result<> change_owner(const Path& path, UserId user, GroupId group, const Identity& who);
/// `explicit_times`: the caller named times (owner only); else "now" (write permission is enough).
Result<> change_times(const Path& path, const AttributeChange& times, bool explicit_times, const Identity& who);
Result<> truncate(const Path& path, std::uint64_t size, const Identity& who);
/// The same through an open file. Errors: invalid_argument (no regular file, or not open for writing).
Result<> truncate(OpenFile& opened, std::uint64_t size);
/// A regular file of the running process may grow to `size` bytes; else it gets the signal for that. Errors:
/// file_too_large.
Result<> check_file_limit(std::uint64_t size);
/// Errors: access_denied, read_only (writing on a read-only mount).
Result<> check_access(const Path& path, unsigned wanted, const Identity& who);
/// chdir and chroot: a directory that may be searched.
Result<Path> look_up_directory(const Walk& walk, std::string_view path);

} // namespace file
