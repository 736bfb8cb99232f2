#pragma once
// Older forms of the file calls, which only some ISAs have numbers for. Each does what its newer form does.

#include "abi/linux/calls/attributes.hpp"
#include "abi/linux/calls/poll.hpp"
#include "abi/linux/row.hpp"

namespace abi::linux {

Result<Descriptor> sys_open(memory::UserString path, Flags flags, FileMode mode);
Result<Descriptor> sys_creat(memory::UserString path, FileMode mode);
Result<> sys_stat(memory::UserString path, memory::UserPtr<Stat> to);
Result<> sys_lstat(memory::UserString path, memory::UserPtr<Stat> to);
Result<> sys_access(memory::UserString path, std::uint32_t mode);
Result<> sys_mkdir(memory::UserString path, FileMode mode);
Result<> sys_rmdir(memory::UserString path);
Result<> sys_mknod(memory::UserString path, FileMode mode, std::uint32_t device);
Result<> sys_unlink(memory::UserString path);
Result<> sys_link(memory::UserString from, memory::UserString to);
Result<> sys_symlink(memory::UserString target, memory::UserString path);
Result<> sys_rename(memory::UserString from, memory::UserString to);
Result<>
sys_renameat(Descriptor from_directory, memory::UserString from, Descriptor to_directory, memory::UserString to);
Result<std::size_t> sys_readlink(memory::UserString path, memory::UserPtr<char> buffer, std::int32_t bytes);
Result<> sys_chmod(memory::UserString path, FileMode mode);
Result<> sys_chown(memory::UserString path, std::uint32_t user, std::uint32_t group);
Result<> sys_lchown(memory::UserString path, std::uint32_t user, std::uint32_t group);
Result<> sys_pipe(memory::UserPtr<std::int32_t> descriptors);
Result<Descriptor> sys_dup2(Descriptor from, Descriptor to);
Result<> sys_utime(memory::UserString path, UserAddr times);
Result<> sys_utimes(memory::UserString path, UserAddr times);
Result<> sys_futimesat(Descriptor directory, memory::UserString path, UserAddr times);
Result<std::int64_t>
sys_poll(thread::Thread& thread, UserAddr descriptors, std::uint32_t count, std::int32_t milliseconds);
Result<std::int64_t> sys_select(
    thread::Thread& thread, std::int32_t count, UserAddr reading, UserAddr writing, UserAddr exceptional,
    UserAddr timeout);

Result<Descriptor> sys_eventfd(std::uint32_t initial);
Result<Descriptor> sys_epoll_create(std::int32_t size);
Result<std::int64_t>
sys_epoll_wait(thread::Thread& thread, Descriptor set, UserAddr events, std::int32_t count, std::int32_t milliseconds);
Result<std::size_t> sys_getdents(Descriptor descriptor, UserAddr buffer, std::uint32_t bytes);

} // namespace abi::linux
