#pragma once
// Memory: the heap, mappings, shared memory, caches.

#include "abi/rtthread/row.hpp"

namespace abi::rtthread {

Result<UserAddr> sys_brk(thread::Thread& thread, UserAddr wanted);
/// The offset counts pages of 4096 bytes. A failure is -1 in 5.0.x.
Result<UserAddr> sys_mmap2(
    thread::Thread& thread, UserAddr address, std::size_t bytes, Flags protection, Flags flags, Descriptor descriptor,
    std::uint64_t page_offset);
Result<> sys_munmap(thread::Thread& thread, UserAddr address, std::size_t bytes);
Result<UserAddr> sys_mremap(
    thread::Thread& thread, UserAddr address, std::size_t old_bytes, std::size_t new_bytes, Flags flags,
    UserAddr new_address);
Result<> sys_madvise(thread::Thread& thread, UserAddr address, std::size_t bytes, std::int32_t advice);
Result<> sys_cacheflush(thread::Thread& thread, UserAddr address, std::int32_t bytes, std::int32_t caches);
Result<std::int32_t> sys_shmget(thread::Thread& thread, std::uint64_t key, std::uint64_t bytes, std::int32_t create);
Result<std::int32_t> sys_shmrm(std::int32_t number);
Result<UserAddr> sys_shmat(thread::Thread& thread, std::int32_t number, UserAddr address);
Result<std::int32_t> sys_shmdt(thread::Thread& thread, UserAddr address);

inline constexpr std::array memory_calls{
    RTTHREAD_CALL(52, brk),
    RTTHREAD_CALL(53, mmap2),
    RTTHREAD_CALL(54, munmap),
    RTTHREAD_CALL(55, shmget),
    RTTHREAD_CALL(56, shmrm),
    RTTHREAD_CALL(57, shmat),
    RTTHREAD_CALL(58, shmdt),
    RTTHREAD_PARTIAL(107, cacheflush, "aarch64: lines of the data cache are the program's own to clean (dc cvau)"),
    RTTHREAD_CALL(146, mremap),
    RTTHREAD_PARTIAL(147, madvise, "MADV_DONTNEED and MADV_FREE act; the rest are hints that change nothing"),
};

} // namespace abi::rtthread
