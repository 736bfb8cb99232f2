#pragma once
// What is known of a file besides its contents, and who may do what with it, in no kernel's encoding.

#include "lib/result.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace file {

enum class Type : std::uint8_t { regular, directory, symlink, character_device, block_device, fifo, socket, anonymous };

/// Nanoseconds since 1970-01-01 00:00 UTC; may be negative.
using Timestamp = std::int64_t;
/// The wall clock, for time stamps.
Timestamp wall_clock();

using UserId = std::uint32_t;
using GroupId = std::uint32_t;

/// Permission bits as POSIX numbers them: rwxrwxrwx, and above them set-user-id, set-group-id, sticky.
using Mode = std::uint16_t;
inline constexpr Mode mode_set_user_id = 04000;
inline constexpr Mode mode_set_group_id = 02000;
inline constexpr Mode mode_sticky = 01000;
inline constexpr Mode mode_mask = 07777;

struct DeviceNumber {
    std::uint32_t major = 0;
    std::uint32_t minor = 0;
    constexpr bool operator==(const DeviceNumber&) const = default;
};

struct Attributes {
    Type type = Type::regular;
    Mode mode = 0;
    UserId user = 0;
    GroupId group = 0;
    std::uint64_t number = 0; // unique in its file system while the file exists
    std::uint32_t links = 1;
    DeviceNumber file_system{}; // which file system it is on
    DeviceNumber device{};      // device nodes: which device
    std::uint64_t size = 0;     // bytes
    std::uint64_t blocks = 0;   // bytes in use / 512
    std::uint32_t block_size = 4096;
    Timestamp accessed = 0;
    Timestamp modified = 0;
    Timestamp changed = 0;
    Timestamp created = 0;
};

/// Who acts. The file system's view of a process's credentials; `groups` is kept alive by whoever made the object.
struct Identity {
    UserId user = 0;
    GroupId group = 0;
    std::span<const GroupId> groups;

    bool is_root() const { return user == 0; }
    bool in_group(GroupId wanted) const;
};

/// What one wants to do with a file; values are the bits of rwx.
enum Permission : unsigned { may_execute = 1, may_write = 2, may_read = 4 };

/// Checks the mode bits; root may do all but execute what nobody may. Errors: access_denied.
Result<> check_permission(const Attributes& attributes, const Identity& who, unsigned wanted);

/// The permissions of the current thread's process (its effective ids). Kernel threads act as root.
/// The groups are copied under the process's lock, so the object is good until it goes out of scope.
class CurrentIdentity : public Identity {
public:
    CurrentIdentity(const CurrentIdentity&) = delete;
    CurrentIdentity& operator=(const CurrentIdentity&) = delete;
    /// With the real instead of the effective ids, for access().
    enum class Which : std::uint8_t { effective, real };
    explicit CurrentIdentity(Which which = Which::effective);

private:
    static constexpr std::size_t max_groups = 32;
    GroupId groups_[max_groups] = {};
};

/// A file system's totals, in its own blocks.
struct FileSystemUsage {
    std::uint64_t kind = 0; // the well-known magic number of the type
    std::uint32_t block_size = 4096;
    std::uint64_t blocks = 0, free_blocks = 0;
    std::uint64_t inodes = 0, free_inodes = 0;
    std::uint32_t longest_name = 255;
};

} // namespace file
