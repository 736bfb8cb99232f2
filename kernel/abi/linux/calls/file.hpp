#pragma once
// Contents: open, read, write, seek and their variants.

#include "abi/linux/row.hpp"

namespace abi::linux {

Result<Descriptor> sys_openat(Descriptor directory, memory::UserString path, Flags flags, FileMode mode);
Result<std::size_t> sys_read(thread::Thread& thread, Descriptor descriptor, memory::UserBytes buffer);
Result<std::size_t> sys_write(thread::Thread& thread, Descriptor descriptor, memory::ConstUserBytes buffer);
Result<std::size_t> sys_readv(Descriptor descriptor, UserAddr list, std::uint64_t count);
Result<std::size_t> sys_writev(thread::Thread& thread, Descriptor descriptor, UserAddr list, std::uint64_t count);
Result<std::size_t> sys_pread64(Descriptor descriptor, memory::UserBytes buffer, FileOffset offset);
Result<std::size_t>
sys_pwrite64(thread::Thread& thread, Descriptor descriptor, memory::ConstUserBytes buffer, FileOffset offset);
Result<std::size_t> sys_preadv(Descriptor descriptor, UserAddr list, std::uint64_t count, FileOffset offset);
Result<std::size_t>
sys_pwritev(thread::Thread& thread, Descriptor descriptor, UserAddr list, std::uint64_t count, FileOffset offset);
Result<std::size_t> sys_preadv2(
    Descriptor descriptor, UserAddr list, std::uint64_t count, FileOffset offset, std::uint64_t high, Flags flags);
Result<std::size_t> sys_pwritev2(
    thread::Thread& thread, Descriptor descriptor, UserAddr list, std::uint64_t count, FileOffset offset,
    std::uint64_t high, Flags flags);
Result<std::uint64_t> sys_lseek(Descriptor descriptor, FileOffset offset, std::uint32_t whence);
Result<> sys_truncate(memory::UserString path, FileOffset length);
Result<> sys_ftruncate(Descriptor descriptor, FileOffset length);
Result<> sys_fallocate(Descriptor descriptor, Flags mode, FileOffset offset, FileOffset length);
Result<> sys_fsync(Descriptor descriptor);
Result<> sys_fdatasync(Descriptor descriptor);
Result<> sys_syncfs(Descriptor descriptor);
Result<> sys_sync();
Result<> sys_sync_file_range(Descriptor descriptor, FileOffset offset, FileOffset bytes, Flags flags);
Result<> sys_fadvise64(Descriptor descriptor, FileOffset offset, FileOffset length, std::int32_t advice);
Result<> sys_readahead(Descriptor descriptor, FileOffset offset, std::uint64_t count);
Result<std::size_t> sys_sendfile(
    thread::Thread& thread, Descriptor to, Descriptor from, memory::UserPtr<std::int64_t> offset, std::uint64_t count);
Result<std::size_t> sys_copy_file_range(
    thread::Thread& thread, Descriptor from, memory::UserPtr<std::int64_t> from_offset, Descriptor to,
    memory::UserPtr<std::int64_t> to_offset, std::uint64_t count, Flags flags);

inline constexpr std::array file_calls{
    LINUX_CALL(openat),    LINUX_CALL(read),      LINUX_CALL(write),     LINUX_CALL(readv),
    LINUX_CALL(writev),    LINUX_CALL(pread64),   LINUX_CALL(pwrite64),  LINUX_CALL(preadv),
    LINUX_CALL(pwritev),   LINUX_CALL(preadv2),   LINUX_CALL(pwritev2),  LINUX_CALL(lseek),
    LINUX_CALL(truncate),  LINUX_CALL(ftruncate), LINUX_CALL(fallocate), LINUX_CALL(fsync),
    LINUX_CALL(fdatasync), LINUX_CALL(syncfs),    LINUX_CALL(sync),      LINUX_CALL(sync_file_range),
    LINUX_CALL(fadvise64), LINUX_CALL(readahead), LINUX_CALL(sendfile),  LINUX_CALL(copy_file_range),
};

} // namespace abi::linux
