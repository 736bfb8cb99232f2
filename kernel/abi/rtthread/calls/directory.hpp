#pragma once
// Names in the directory tree.

#include "abi/rtthread/row.hpp"
#include "abi/rtthread/times.hpp"

namespace abi::rtthread {

/// struct statfs of musl's 64-bit ISAs.
struct Statfs {
    std::uint64_t type, block_size, blocks, free_blocks, available_blocks, files, free_files;
    std::array<std::int32_t, 2> id;
    std::uint64_t longest_name, fragment_size, flags;
    std::array<std::uint64_t, 4> spare;
};
static_assert(sizeof(Statfs) == 120);

Result<std::size_t> sys_getcwd(memory::UserPtr<char> buffer, std::uint64_t bytes);
Result<> sys_chdir(memory::UserString path);
Result<> sys_fchdir(Descriptor descriptor);
Result<> sys_unlink(memory::UserString path);
Result<> sys_mkdir(memory::UserString path, FileMode mode);
Result<> sys_rmdir(memory::UserString path);
Result<> sys_access(memory::UserString path, std::uint32_t mode);
Result<> sys_rename(memory::UserString from, memory::UserString to);
Result<std::size_t> sys_readlink(memory::UserString path, UserAddr buffer, std::uint64_t bytes);
Result<> sys_link(memory::UserString existing, memory::UserString path);
Result<> sys_symlink(memory::UserString target, memory::UserString path);
Result<> sys_chmod(memory::UserString path, FileMode mode);
Result<> sys_chown(memory::UserString path, std::uint32_t user, std::uint32_t group);
Result<>
sys_utimensat(Descriptor directory, memory::UserString path, memory::UserPtr<const Timespec> times, Flags flags);
Result<> sys_statfs(memory::UserString path, memory::UserPtr<Statfs> to);
Result<> sys_statfs64(memory::UserString path, std::uint64_t bytes, memory::UserPtr<Statfs> to);
Result<> sys_fstatfs(Descriptor descriptor, memory::UserPtr<Statfs> to);
Result<> sys_fstatfs64(Descriptor descriptor, std::uint64_t bytes, memory::UserPtr<Statfs> to);
Result<> sys_mount(
    memory::UserString source, memory::UserString target, memory::UserString type, std::uint64_t flags, UserAddr data);
Result<> sys_umount2(memory::UserString target, Flags flags);

inline constexpr std::array directory_calls{
    RTTHREAD_CALL(116, getcwd),
    RTTHREAD_CALL(117, chdir),
    RTTHREAD_CALL(118, unlink),
    RTTHREAD_CALL(119, mkdir),
    RTTHREAD_CALL(120, rmdir),
    RTTHREAD_CALL(125, access),
    RTTHREAD_CALL(135, rename),
    RTTHREAD_CALL(145, readlink),
    RTTHREAD_CALL(171, statfs),
    RTTHREAD_CALL(172, statfs64),
    RTTHREAD_CALL(173, fstatfs),
    RTTHREAD_CALL(174, fstatfs64),
    RTTHREAD_PARTIAL(176, mount, "no flags; the file systems are proc, tmpfs, ramfs and devtmpfs"),
    RTTHREAD_CALL(177, umount2),
    RTTHREAD_CALL(178, link),
    RTTHREAD_CALL(179, symlink),
    RTTHREAD_CALL(182, chmod),
    RTTHREAD_CALL(203, utimensat),
    RTTHREAD_CALL(213, fchdir),
    RTTHREAD_CALL(214, chown),
};

} // namespace abi::rtthread
