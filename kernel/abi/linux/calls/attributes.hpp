#pragma once
// What is known of files, and changing it: stat, access, chmod, chown, times, file systems.

#include "abi/linux/row.hpp"
#include "file/attributes.hpp"

#include <asm/stat.h>
#include <asm/statfs.h>
#include <linux/stat.h>
#include <linux/time_types.h>

namespace abi::linux {

using Stat = struct ::stat;
using Statfs = struct ::statfs;
using Statx = struct ::statx;

/// The structure of newfstatat and fstat; its layout is the ISA's, its names are the same everywhere.
Stat to_stat(const file::Attributes& attributes);

Result<> sys_newfstatat(Descriptor directory, memory::UserString path, memory::UserPtr<Stat> to, Flags flags);
Result<> sys_fstat(Descriptor descriptor, memory::UserPtr<Stat> to);
Result<>
sys_statx(Descriptor directory, memory::UserString path, Flags flags, std::uint32_t mask, memory::UserPtr<Statx> to);
Result<> sys_faccessat(Descriptor directory, memory::UserString path, std::uint32_t mode);
Result<> sys_faccessat2(Descriptor directory, memory::UserString path, std::uint32_t mode, Flags flags);
Result<> sys_fchmod(Descriptor descriptor, FileMode mode);
Result<> sys_fchmodat(Descriptor directory, memory::UserString path, FileMode mode);
Result<> sys_fchown(Descriptor descriptor, std::uint32_t user, std::uint32_t group);
Result<>
sys_fchownat(Descriptor directory, memory::UserString path, std::uint32_t user, std::uint32_t group, Flags flags);
Result<> sys_utimensat(
    Descriptor directory, memory::UserString path, memory::UserPtr<const __kernel_timespec> times, Flags flags);
Result<std::uint32_t> sys_umask(FileMode mask);
Result<> sys_statfs(memory::UserString path, memory::UserPtr<Statfs> to);
Result<> sys_fstatfs(Descriptor descriptor, memory::UserPtr<Statfs> to);

inline constexpr std::array attribute_calls{
    LINUX_CALL(newfstatat), LINUX_CALL(fstat),    LINUX_CALL(statx),   LINUX_CALL(faccessat), LINUX_CALL(faccessat2),
    LINUX_CALL(fchmod),     LINUX_CALL(fchmodat), LINUX_CALL(fchown),  LINUX_CALL(fchownat),  LINUX_CALL(utimensat),
    LINUX_CALL(umask),      LINUX_CALL(statfs),   LINUX_CALL(fstatfs),
};

} // namespace abi::linux
