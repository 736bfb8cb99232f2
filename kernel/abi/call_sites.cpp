#include "abi/call_sites.hpp"

namespace abi {

bool CallSites::is_new(std::uint64_t number, std::uintptr_t caller) {
    const std::uint64_t hash = (caller * 0x9e37'79b9'7f4a'7c15 ^ number * 0xff51'afd7'ed55'8ccd) | 1;
    SpinlockGuard guard(lock_);
    for (std::size_t probe = 0; probe < max_probes; ++probe) {
        std::uint64_t& slot = seen_[(hash + probe) % capacity];
        if (slot == hash)
            return false;
        if (slot == 0) {
            slot = hash;
            return true;
        }
    }
    return false;
}

} // namespace abi
