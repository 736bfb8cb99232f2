#pragma once
// Open files.

#include "abi/xv6/row.hpp"

namespace abi::xv6 {

Result<Descriptor> sys_open(memory::UserString path, Flags mode);
Result<std::int64_t> sys_read(Descriptor descriptor, UserAddr buffer, std::int32_t bytes);
Result<std::int64_t> sys_write(Descriptor descriptor, UserAddr buffer, std::int32_t bytes);
Result<> sys_close(Descriptor descriptor);
Result<Descriptor> sys_dup(Descriptor descriptor);
Result<> sys_pipe(memory::UserPtr<std::int32_t> descriptors);

/// xv6's struct stat (kernel/stat.h).
struct Stat {
    std::int32_t device;
    std::uint32_t inode;
    std::int16_t type; // 1 directory, 2 file, 3 device
    std::int16_t links;
    std::uint32_t padding;
    std::uint64_t size;
};
static_assert(sizeof(Stat) == 24);
Result<> sys_fstat(Descriptor descriptor, memory::UserPtr<Stat> stat);

inline constexpr std::array file_calls{
    XV6_CALL(open), XV6_CALL(read), XV6_CALL(write), XV6_CALL(close), XV6_CALL(dup), XV6_CALL(pipe), XV6_CALL(fstat),
};

} // namespace abi::xv6
