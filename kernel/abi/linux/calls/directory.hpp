#pragma once
// Names: directories, links, renaming, the working directory, mounts.

#include "abi/linux/row.hpp"

namespace abi::linux {

Result<std::size_t> sys_getdents64(Descriptor descriptor, UserAddr buffer, std::uint32_t bytes);
Result<> sys_mkdirat(Descriptor directory, memory::UserString path, FileMode mode);
Result<> sys_mknodat(Descriptor directory, memory::UserString path, FileMode mode, std::uint32_t device);
Result<> sys_unlinkat(Descriptor directory, memory::UserString path, Flags flags);
Result<> sys_linkat(
    Descriptor from_directory, memory::UserString from, Descriptor to_directory, memory::UserString to, Flags flags);
Result<> sys_symlinkat(memory::UserString target, Descriptor directory, memory::UserString path);
Result<> sys_renameat2(
    Descriptor from_directory, memory::UserString from, Descriptor to_directory, memory::UserString to, Flags flags);
Result<std::size_t>
sys_readlinkat(Descriptor directory, memory::UserString path, memory::UserPtr<char> buffer, std::int32_t bytes);
Result<> sys_chdir(memory::UserString path);
Result<> sys_fchdir(Descriptor descriptor);
Result<> sys_chroot(memory::UserString path);
Result<std::size_t> sys_getcwd(memory::UserPtr<char> buffer, std::uint64_t bytes);
Result<> sys_mount(
    memory::UserString source, memory::UserString target, memory::UserString type, std::uint64_t flags, UserAddr data);
Result<> sys_umount2(memory::UserString target, Flags flags);

inline constexpr std::array directory_calls{
    LINUX_CALL(getdents64),
    LINUX_CALL(mkdirat),
    LINUX_CALL(mknodat),
    LINUX_CALL(unlinkat),
    LINUX_CALL(linkat),
    LINUX_CALL(symlinkat),
    LINUX_CALL(renameat2),
    LINUX_CALL(readlinkat),
    LINUX_CALL(chdir),
    LINUX_CALL(fchdir),
    LINUX_CALL(chroot),
    LINUX_CALL(getcwd),
    LINUX_PARTIAL(mount, "proc, tmpfs, ramfs, devtmpfs, bind and remount; options are ignored"),
    LINUX_CALL(umount2),
};

} // namespace abi::linux
