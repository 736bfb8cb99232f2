#pragma once
// Resource limits of a process. What has no limit here is not limited.

#include <array>
#include <cstdint>

namespace process {

/// In the order of Linux's generic list.
enum class Resource : std::uint8_t {
    cpu_time,  // seconds
    file_size, // bytes
    data,      // bytes
    stack,     // bytes
    core,      // bytes
    resident,  // bytes; not enforced
    processes, // per user
    open_files,
    locked_memory, // bytes
    address_space, // bytes
    file_locks,
    pending_signals,
    message_queues,
    nice,
    realtime_priority,
    realtime_time,
};
inline constexpr unsigned resource_count = 16;

struct Limit {
    static constexpr std::uint64_t unlimited = ~std::uint64_t{0};
    std::uint64_t soft = unlimited;
    std::uint64_t hard = unlimited;
};

class Limits {
public:
    /// What the first process has.
    static Limits standard();
    Limit& operator[](Resource resource) { return limits_[static_cast<unsigned>(resource)]; }
    const Limit& operator[](Resource resource) const { return limits_[static_cast<unsigned>(resource)]; }

private:
    std::array<Limit, resource_count> limits_{};
};

} // namespace process
