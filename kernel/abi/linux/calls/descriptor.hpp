#pragma once
// Descriptors: duplicate, close, flags; files without a name: pipes, event counters, memory files.

#include "abi/linux/row.hpp"

namespace abi::linux {

Result<> sys_close(Descriptor descriptor);
Result<> sys_close_range(std::uint32_t first, std::uint32_t last, Flags flags);
Result<Descriptor> sys_dup(Descriptor descriptor);
Result<Descriptor> sys_dup3(Descriptor from, Descriptor to, Flags flags);
Result<std::int64_t> sys_fcntl(Descriptor descriptor, std::uint32_t command, std::uint64_t argument);
Result<std::int64_t> sys_ioctl(Descriptor descriptor, std::uint32_t command, std::uint64_t argument);
Result<> sys_flock(Descriptor descriptor, std::uint32_t operation);
Result<> sys_pipe2(memory::UserPtr<std::int32_t> descriptors, Flags flags);
Result<Descriptor> sys_memfd_create(memory::UserString name, Flags flags);

inline constexpr std::array descriptor_calls{
    LINUX_CALL(close),
    LINUX_CALL(close_range),
    LINUX_CALL(dup),
    LINUX_CALL(dup3),
    LINUX_PARTIAL(fcntl, "no leases, no directory notifications, no signals for I/O"),
    LINUX_PARTIAL(ioctl, "terminals, sizes of disks, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX"),
    LINUX_CALL(flock),
    LINUX_CALL(pipe2),
    LINUX_PARTIAL(memfd_create, "no seals, no huge pages"),
};

} // namespace abi::linux
