#pragma once
// Remembers where unsupported calls came from, so that each place is reported once.

#include "lib/spinlock.hpp"

#include <array>
#include <cstdint>

namespace abi {

class CallSites {
public:
    /// True the first time a (number, caller) pair is seen. When the memory of places is (nearly) full, further ones
    /// are not reported.
    bool is_new(std::uint64_t number, std::uintptr_t caller);

private:
    static constexpr std::size_t capacity = 256, max_probes = 32;
    Spinlock lock_;
    std::array<std::uint64_t, capacity> seen_ GUARDED_BY(lock_){}; // hashes; 0: free
};

} // namespace abi
