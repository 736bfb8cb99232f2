#pragma once
// mmap and its family: mappings, the program break, advice, locking, barriers.

#include "abi/linux/row.hpp"

namespace abi::linux {

using thread::Thread;

Result<UserAddr> sys_mmap(
    Thread& thread, UserAddr address, std::size_t length, Flags protection, Flags flags, Descriptor descriptor,
    std::uint64_t offset);
Result<> sys_munmap(Thread& thread, UserAddr address, std::size_t length);
Result<> sys_mprotect(Thread& thread, UserAddr address, std::size_t length, Flags protection);
Result<UserAddr> sys_mremap(
    Thread& thread, UserAddr old_address, std::size_t old_length, std::size_t new_length, Flags flags,
    UserAddr new_address);
Result<UserAddr> sys_brk(Thread& thread, UserAddr wanted);
Result<> sys_madvise(Thread& thread, UserAddr address, std::size_t length, std::int32_t advice);
Result<> sys_msync(Thread& thread, UserAddr address, std::size_t length, Flags flags);
Result<> sys_mincore(Thread& thread, UserAddr address, std::size_t length, UserAddr vector);
Result<> sys_mlock(Thread& thread, UserAddr address, std::size_t length);
Result<> sys_mlock2(Thread& thread, UserAddr address, std::size_t length, Flags flags);
Result<> sys_munlock(Thread& thread, UserAddr address, std::size_t length);
Result<> sys_mlockall(Thread& thread, Flags flags);
Result<> sys_munlockall();
Result<std::uint32_t> sys_membarrier(Thread& thread, std::int32_t command, std::uint32_t flags);

inline constexpr std::array memory_calls{
    LINUX_CALL(mmap),
    LINUX_CALL(munmap),
    LINUX_CALL(mprotect),
    LINUX_CALL(mremap),
    LINUX_CALL(brk),
    LINUX_PARTIAL(madvise, "MADV_REMOVE, MADV_COLLAPSE and the advice on poisoned pages answer EINVAL"),
    LINUX_CALL(msync),
    LINUX_CALL(mincore),
    LINUX_PARTIAL(mlock, "pages are never swapped; they are only made present"),
    LINUX_PARTIAL(mlock2, "as mlock"),
    LINUX_CALL(munlock),
    LINUX_PARTIAL(mlockall, "as mlock; MCL_FUTURE changes nothing"),
    LINUX_CALL(munlockall),
    LINUX_PARTIAL(membarrier, "the SYNC_CORE and RSEQ commands answer EINVAL"),
};

} // namespace abi::linux
